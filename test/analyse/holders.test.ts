import { describe, expect, it } from 'vitest';
import { heldBy, holdersOf } from '../../src/analyse/holders.ts';
import { treeOf } from '../../src/analyse/tree.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, idOf, reported } from '../stitch/reported.ts';

const run = reported('run', undefined, 0, 1_000, { type: 'run', layer: 'browser' });
const stock: Given = { source: 'otlp', clock: 'stock', resource: { 'service.name': 'stock' } };
const database = { 'db.system.name': 'postgresql' };

const server = (id: string, startMs: number, endMs: number) =>
  reported(id, 'run', startMs, endMs, { ...stock, kind: 'server', name: `GET /${id}` });
const query = (id: string, parent: string, startMs: number, endMs: number, given: Given = {}) =>
  reported(id, parent, startMs, endMs, { ...stock, kind: 'client', attributes: database, ...given });

function asked(waitId: string, spans: readonly ReportedSpan[]) {
  const tree = treeOf(stitch([run, ...spans])!);
  const wait = tree.spanById.get(idOf(waitId))!;
  const told = holdersOf(wait, tree).map(({ span, ns, freed }) => [span.name, ns / 1e6, freed]);
  return { told, words: heldBy([wait], tree) };
}

describe('a connection of a service’s pool', () => {
  /** Waits from 100 to 400; `late` asks only when the wait is over, `other` is of another service. */
  const spans = [
    server('order', 90, 500),
    query('wait', 'order', 100, 400, { name: 'pg-pool.connect' }),
    query('own', 'order', 400, 480),
    server('related', 0, 450),
    query('q1', 'related', 10, 200),
    query('q2', 'related', 230, 399),
    server('list', 0, 900),
    query('long', 'list', 50, 880),
    server('late', 300, 900),
    query('q3', 'late', 400, 800),
    reported('other', 'run', 0, 900, { kind: 'client', source: 'otlp', clock: 'x', attributes: database }),
  ];

  it('was held by the work that let go as the wait ended, and by others', () => {
    const { told, words } = asked('wait', spans);
    expect(told).toEqual([
      ['GET /related', 269, true],
      ['GET /list', 300, false],
    ]);
    expect(words).toBe('held meanwhile by "GET /related" of stock (269 ms in the database) and 1 other');
  });

  it('was held by nobody who is known, when nobody asked meanwhile', () => {
    const alone = asked('wait', spans.slice(0, 3));
    expect(alone).toEqual({ told: [], words: '' });
  });
});

describe('one of the browser’s connections to a host', () => {
  const request = (id: string, startMs: number, endMs: number, host = 'shop.example') =>
    reported(id, 'run', startMs, endMs, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      component: host,
      attributes: { 'server.address': host, 'server.port': 443 },
    });
  const waiting = (id: string, of: string, startMs: number, endMs: number) => [
    reported(id, of, startMs, endMs, { type: 'phase', layer: 'browser', name: 'wait_for_connection' }),
    reported(`${id}s`, id, startMs, endMs, { type: 'stall', layer: 'browser' }),
  ];

  it('was held by the request that ended, and not by those that waited beside', () => {
    const spans = [
      request('late', 100, 500),
      ...waiting('w', 'late', 100, 300),
      request('beside', 90, 600),
      ...waiting('v', 'beside', 90, 300),
      request('early', 0, 299),
      request('busy', 0, 550),
      request('cdn', 0, 299, 'cdn.example'),
    ];
    expect(asked('ws', spans).told).toEqual([
      ['early', 199, true],
      ['busy', 200, false],
    ]);
  });
});

it('names who had the place at a load balancer’s server', () => {
  const proxied = (id: string, queuedMs: number, sentMs: number, endMs: number) => {
    const given: Given = { layer: 'lb', component: 'edge', source: 'haproxy', clock: 'edge' };
    return [
      reported(id, 'run', queuedMs, endMs, { ...given, type: 'proxy', kind: 'server' }),
      reported(`${id}q`, id, queuedMs, sentMs, { ...given, type: 'proxy_phase', name: 'queue' }),
      reported(`${id}s`, id, sentMs, endMs, { ...given, type: 'proxy_phase', name: 'server' }),
    ];
  };
  const { told, words } = asked('bq', [...proxied('a', 0, 1, 250), ...proxied('b', 50, 250, 400)]);
  expect(told).toEqual([['a', 200, true]]);
  expect(words).toContain('"a" of edge (200 ms)');
});
