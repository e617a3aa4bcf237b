/** Every fault by its name, and the reader of `--fault NAME[=MS]`. */
import { databaseFaults } from './database.ts';
import { dnsAndTcpFaults } from './dns-and-tcp.ts';
import type { Fault } from './fault.ts';
import { networkDownload } from './network-download.ts';
import { networkSlowDatabase } from './network-slow-database.ts';
import { networkSlowHop } from './network-slow-hop.ts';
import { pageFaults } from './page.ts';
import { serviceCpuBlock } from './service-cpu-block.ts';
import { serviceCpuStarved } from './service-cpu-starved.ts';
import { serviceDownstreamError } from './service-downstream-error.ts';
import { serviceFails } from './service-fails.ts';
import { servicePoolWait } from './service-pool-wait.ts';
import { serviceRetryBackoff } from './service-retry-backoff.ts';
import { serviceSequential } from './service-sequential.ts';
import { serviceSilentWait } from './service-silent-wait.ts';
import { serviceTimeout } from './service-timeout.ts';
import { tlsAndLbFaults } from './tls-and-lb.ts';
import { unknownFault } from './unknown-fault.ts';

export { type Fault, faultMs } from './fault.ts';

export const faults: Readonly<Record<string, Fault>> = Object.fromEntries(
  [
    ...databaseFaults,
    ...dnsAndTcpFaults,
    networkDownload,
    networkSlowDatabase,
    networkSlowHop,
    ...pageFaults,
    serviceCpuBlock,
    serviceCpuStarved,
    serviceDownstreamError,
    serviceFails,
    servicePoolWait,
    serviceRetryBackoff,
    serviceSequential,
    serviceSilentWait,
    serviceTimeout,
    ...tlsAndLbFaults,
  ].map((fault) => [fault.name, fault]),
);

/** Longer than this and clients give up, which is another fault. */
const MAX_MS = 10_000;

/** `dns-slow` or `dns-slow=120`. Throws an Error that names what was probably meant, or says what is wrong with the value. */
export function parseFault(text: string): Fault {
  const [name = '', value, ...more] = text.trim().split('=');
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (!fault) throw new Error(unknownFault(name, Object.keys(faults)));
  if (value === undefined) return fault;
  const ms = Number(value);
  if (more.length > 0 || value === '' || !(ms > 0 && ms <= MAX_MS)) {
    throw new Error(
      `"${text}" does not say how long: write ${name}=MS with milliseconds from 1 to ${MAX_MS}, ` +
        `for example ${name}=${fault.defaultMs}.`,
    );
  }
  return { ...fault, ms };
}
