/** A request that a service answers with the help of others, made by hand, in milliseconds. */
import { analyse } from '../../src/analyse/analyse.ts';
import type { Lane, RunReport } from '../../src/model/report.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, reported } from '../stitch/reported.ts';

export const HOST = 'box';

/** Spans of one program on a clock of its own. */
export const by = (service: string, pid?: number): Given => ({
  source: 'otlp',
  clock: service,
  resource: { 'service.name': service, ...(pid && { 'process.pid': pid, 'host.name': HOST }) },
});

/** run → step → request → `web`, which answers from 1 ms on until 1 ms before the end. */
export const answeredBy = (endMs: number, ...spans: readonly ReportedSpan[]): ReportedSpan[] => [
  reported('run', undefined, 0, endMs, { type: 'run', layer: 'browser' }),
  reported('step', 'run', 0, endMs, { type: 'step', layer: 'browser', name: 'Pay' }),
  reported('request', 'step', 0, endMs, {
    ...{ type: 'request', layer: 'browser', kind: 'client', name: 'POST /order' },
    attributes: { 'http.response.status_code': 200, 'server.address': 'shop.test' },
  }),
  reported('web', 'request', 1, endMs - 1, { ...by('web', 7), kind: 'server', name: 'POST /order' }),
  ...spans,
];

/** One call of `web` to `stock`, answered 1 ms after it was made until 1 ms before its end. */
export const call = (id: string, startMs: number, endMs: number, path = '/items/1'): ReportedSpan[] => [
  reported(id, 'web', startMs, endMs, {
    ...by('web', 7),
    kind: 'client',
    name: 'GET',
    attributes: {
      'http.request.method': 'GET',
      'server.address': 'stock.internal',
      'url.full': `http://stock.internal:8080${path}`,
      'http.response.status_code': 200,
    },
  }),
  reported(`${id}s`, id, startMs + 1, endMs - 1, { ...by('stock', 8), kind: 'server', name: 'GET /items' }),
];

/** What one process did, a value each 100 ms from 0 on. */
export const lane = (pid: number, quantity: 'cpu' | 'cpu_wait', values: readonly number[]): Lane => ({
  host: HOST,
  name: `${quantity} of ${pid}`,
  unit: '%',
  timesNs: values.map((_, at) => at * 100e6),
  values,
  osProcess: { pid, quantity },
});

export const judged = (spans: readonly ReportedSpan[], lanes: readonly Lane[] = []): RunReport => {
  const trace = stitch(spans);
  if (!trace) throw new Error('nothing to stitch');
  return analyse(trace, {}, lanes).report;
};

export const nsOf = ({ ledger }: RunReport, cause: string): number =>
  ledger.filter((entry) => entry.cause === cause).reduce((sum, { ns }) => sum + ns, 0);
