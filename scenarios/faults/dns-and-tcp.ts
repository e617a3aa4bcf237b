/** Faults on the way to the shop, before a byte of HTTP is sent. */
import { dnsBroken } from './dns-broken.ts';
import { dnsChain } from './dns-chain.ts';
import { dnsGone } from './dns-gone.ts';
import { dnsNxdomain } from './dns-nxdomain.ts';
import { dnsRefused } from './dns-refused.ts';
import { dnsServfail } from './dns-servfail.ts';
import { dnsSlow } from './dns-slow.ts';
import { dnsSlowTld } from './dns-slow-tld.ts';
import { dnsTimeout } from './dns-timeout.ts';
import { dnsTruncated } from './dns-truncated.ts';
import type { Fault } from './fault.ts';
import { tcpAcceptBlip } from './tcp-accept-blip.ts';
import { tcpAcceptQueue } from './tcp-accept-queue.ts';
import { tcpDeadAddress } from './tcp-dead-address.ts';
import { tcpRefused } from './tcp-refused.ts';

export const dnsAndTcpFaults: readonly Fault[] = [
  dnsSlow,
  dnsSlowTld,
  dnsTimeout,
  dnsServfail,
  dnsRefused,
  dnsTruncated,
  dnsChain,
  dnsNxdomain,
  dnsGone,
  dnsBroken,
  tcpDeadAddress,
  tcpAcceptBlip,
  tcpAcceptQueue,
  tcpRefused,
];
