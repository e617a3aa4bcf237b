/**
 * How a load balancer's part in a request ended, one of `PROXY_ENDINGS`; undefined when a server's answer was passed on.
 *
 * Logs are read into that vocabulary. A balancer that reports by OpenTelemetry has only its program's own tags: Envoy's
 * `response_flags` (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage).
 */
import { HEADWATER, type ProxyEnding } from '../../model/attributes.ts';
import type { Span } from '../../model/trace.ts';
import { textAt } from '../tree.ts';

const ENDING_OF_FLAG: Readonly<Record<string, ProxyEnding>> = {
  DC: 'client_gone',
  UH: 'no_server',
  NC: 'no_server',
  UT: 'server_timeout',
  DT: 'server_timeout',
  SI: 'server_timeout',
  UF: 'connect_failed',
  UC: 'server_failed',
  UR: 'server_failed',
  LR: 'server_failed',
  UPE: 'server_failed',
  UO: 'refused',
  NR: 'refused',
  RL: 'refused',
  UAEX: 'refused',
};

export function endingOf({ attributes }: Span): string | undefined {
  const told = textAt(attributes, HEADWATER.proxyEnding);
  if (told !== undefined) return told;
  const flags = textAt(attributes, 'response_flags')?.split(',') ?? [];
  const flag = flags.find((one) => Object.hasOwn(ENDING_OF_FLAG, one));
  return flag && ENDING_OF_FLAG[flag];
}
