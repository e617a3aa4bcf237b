/** A request whose service asks a database, made by hand: what the service saw, and what the database told. */
import { analyse } from '../../src/analyse/analyse.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, reported } from '../stitch/reported.ts';

/** run → step → a service's work → what it asked its database, from 10 ms on. */
const APP = { source: 'otlp', clock: 'app', resource: { 'service.name': 'app' } };
const around = (endMs: number) => [
  reported('run', undefined, 0, endMs, {
    type: 'run',
    layer: 'browser',
    attributes: { [HEADWATER.journey]: 'buy' },
  }),
  reported('step', 'run', 0, endMs, { type: 'step', layer: 'browser', name: 'Pay' }),
  reported('request', 'step', 0, endMs, { type: 'request', layer: 'browser', kind: 'client' }),
  reported('service', 'request', 5, endMs - 1, { ...APP, kind: 'server', name: 'GET /pay' }),
];
export const client = (id: string, startMs: number, endMs: number, given: Given = {}) =>
  reported(id, 'service', startMs, endMs, {
    ...APP,
    kind: 'client',
    ...given,
    attributes: { 'db.system.name': 'mariadb', 'db.namespace': 'shop', ...given.attributes },
  });
export const told = (startMs: number, endMs: number, attributes: Attributes, parent = 'ask') =>
  reported(`told${startMs}`, parent, startMs, endMs, {
    type: 'db_server',
    layer: 'db',
    component: 'mariadb shop',
    source: 'mariadb',
    clock: 'mariadb',
    evidence: 'logged',
    attributes: { [HEADWATER.dbAct]: 'statement', [HEADWATER.dbSession]: '3', ...attributes },
  });

/** A span of the same id takes the place of one of the request's own. */
export function reportOf(endMs: number, ...spans: readonly ReportedSpan[]) {
  const mine = new Set(spans.map(({ spanId }) => spanId));
  const trace = stitch([...around(endMs).filter(({ spanId }) => !mine.has(spanId)), ...spans]);
  if (!trace) throw new Error('nothing to stitch');
  return analyse(trace, {}).report;
}

export const verdict = (endMs: number, ...spans: readonly ReportedSpan[]) =>
  reportOf(endMs, ...spans).verdict;
