/** The thread that the probe's resolver and its endpoint run in: nothing else may keep its event loop from an answer. */
import { parentPort, workerData } from 'node:worker_threads';
import { startUnixClock } from '../unix-clock.ts';
import { type ResolverPlan, resolverOf } from './dns-options.ts';
import type { DnsQuery } from './dns-query.ts';
import { startDohEndpoint } from './doh-endpoint.ts';
import { rehearse } from './rehearsal.ts';
import { answeringWarmUp } from './warm-up-name.ts';

export interface ThreadData {
  readonly plan: ResolverPlan;
  /** Of the endpoint, PEM. */
  readonly key: string;
  readonly cert: string;
}
export interface ToThread {
  readonly kind: 'queries';
}
export type FromThread =
  | { readonly kind: 'ready'; readonly template: string }
  | { readonly kind: 'queries'; readonly queries: readonly DnsQuery[] };

const port = parentPort;
if (!port) throw new Error('resolver-thread.ts is started as a thread, by in-path-resolver.ts.');
const say = (message: FromThread) => port.postMessage(message);

const { plan, key, cert } = workerData as ThreadData;
const queries: DnsQuery[] = [];
const clock = startUnixClock();
const resolver = resolverOf(plan, { clock, record: (query) => queries.push(query) });
const endpoint = await startDohEndpoint(answeringWarmUp(resolver), { key, cert });
port.on('message', ({ kind }: ToThread) => {
  if (kind === 'queries') say({ kind, queries });
});
say({ kind: 'ready', template: endpoint.template });
// While the browser starts; a rehearsal that fails costs only the first questions' speed.
await rehearse().catch(() => undefined);
