/** What can be wrong at the shop's front: its TLS and its load balancer. */
import type { Fault } from './fault.ts';
import { lbDeadServer } from './lb-dead-server.ts';
import { lbNoServer } from './lb-no-server.ts';
import { lbQueue } from './lb-queue.ts';
import { lbSilentServer } from './lb-silent-server.ts';
import { lbSlowConnect } from './lb-slow-connect.ts';
import { lbTimeout } from './lb-timeout.ts';
import { lbUnevenBackends } from './lb-uneven-backends.ts';
import { tlsExpired } from './tls-expired.ts';
import { tlsFatChain } from './tls-fat-chain.ts';
import { tlsNoResumption } from './tls-no-resumption.ts';
import { tlsRetry } from './tls-retry.ts';
import { tlsSlowHandshake } from './tls-slow-handshake.ts';

export const tlsAndLbFaults: readonly Fault[] = [
  lbDeadServer,
  lbNoServer,
  lbQueue,
  lbSilentServer,
  lbSlowConnect,
  lbTimeout,
  lbUnevenBackends,
  tlsExpired,
  tlsFatChain,
  tlsNoResumption,
  tlsRetry,
  tlsSlowHandshake,
];
