import { describe, expect, it } from 'vitest';
import { formatOf } from '../../src/import/formats.ts';
import { readNetLogRun } from '../../src/import/netlog-recording.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { ImportResult } from '../../src/model/span.ts';
import { restitch } from '../../src/run/restitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { fixture } from './check-import.ts';

const read = (name: string) => readNetLogRun(fixture('netlog', `${name}.json`).toString());
const ofType = ({ spans }: ImportResult, type: string) =>
  spans.filter(({ attributes }) => attributes[HEADWATER.type] === type);

function viewOf({ spans }: ImportResult) {
  const store = openStore(':memory:');
  try {
    store.append(spans);
    return restitch(spans[0]!.traceId, store)!;
  } finally {
    store.close();
  }
}

describe.each([
  'chromium-156',
  'chromium-156-tls',
  'chromium-156-http1',
  'chromium-156-http2',
  'chromium-156-http3',
])('%s', (name) => {
  const result = read(name);

  it('is recognised, and is a run with pages as steps and a ledger that adds up', () => {
    expect(formatOf(fixture('netlog', `${name}.json`))?.name).toBe('Chromium NetLog');
    const { report } = viewOf(result);
    expect(report.steps.length).toBeGreaterThan(0);
    expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
  });

  it('has each request’s phases end to end, from its start to its end', () => {
    for (const request of ofType(result, 'request')) {
      const phases = ofType(result, 'phase').filter(({ parentSpanId }) => parentSpanId === request.spanId);
      let cursor = request.startUnixNano;
      for (const phase of phases) {
        expect(phase.startUnixNano).toBe(cursor);
        cursor = phase.endUnixNano;
      }
      expect(cursor).toBe(request.endUnixNano);
    }
  });

  it('lets each socket be paid for once at most', () => {
    for (const socket of ofType(result, 'connection'))
      expect(
        socket.links.filter(({ attributes }) => attributes?.['headwater.role'] === 'paid').length,
      ).toBeLessThan(2);
  });
});

it('blames a look-up that took long', () => {
  expect(viewOf(read('chromium-156')).report.verdict.layer).toBe('dns');
});

it('ties hops, preflights and the traces that were sent', () => {
  const result = read('chromium-156');
  const requests = ofType(result, 'request');
  const byId = new Map(requests.map((request) => [request.spanId, request]));
  const led = requests.flatMap((request) => byId.get(String(request.attributes[HEADWATER.initiator])) ?? []);
  expect(led.length).toBeGreaterThanOrEqual(2);
  expect(requests.flatMap(({ links }) => links.map(({ traceId }) => traceId))).toContain('a'.repeat(32));
});

it('knows an event stream by what it accepts', () => {
  const text = fixture('netlog', 'chromium-156-http1.json').toString();
  const streamsIn = (log: string) =>
    ofType(readNetLogRun(log), 'request').filter(
      ({ attributes }) => attributes['headwater.resource_type'] === 'eventsource',
    );
  expect(streamsIn(text)).toHaveLength(0);
  const sent = (headers: string) => text.replaceAll('"headers":[]', `"headers":[${headers}]`);
  expect(streamsIn(sent('"Accept: */*"'))).toHaveLength(0);
  expect(streamsIn(sent('"Accept: text/event-stream"')).length).toBeGreaterThan(0);
});

describe('a log that was cut off', () => {
  const text = fixture('netlog', 'chromium-156-http2.json').toString();

  it.each([0.5, 0.7, 0.9])('at %d of it is read up to the cut, and says so', (share) => {
    const result = readNetLogRun(text.slice(0, Math.floor(text.length * share)));
    expect(result.warnings.map(({ code }) => code)).toContain('netlog.truncated');
    expect(ofType(result, 'request').length).toBeGreaterThan(0);
    const { report } = viewOf(result);
    expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
  });

  it('has what was under way as unfinished', () => {
    const result = readNetLogRun(text.slice(0, Math.floor(text.length * 0.7)));
    expect(ofType(result, 'request').map(({ attributes }) => attributes['error.type'])).toContain(
      'unfinished',
    );
  });
});

it('has a connection that takes less than a tick all the same', () => {
  const connects = ofType(read('chromium-156-http1'), 'phase').filter(({ name }) => name === PHASES.connect);
  expect(connects.length).toBeGreaterThan(0);
});

it('links a request to the trace that its answer names, in whatever header', () => {
  const text = fixture('netlog', 'chromium-156.json').toString();
  const value = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const answering = (header: string) =>
    readNetLogRun(text.replaceAll('"HTTP/1.1 200"', `"HTTP/1.1 200","${header}"`));
  const named = (result: ImportResult) =>
    new Set(ofType(result, 'request').flatMap(({ links }) => links.map(({ spanId }) => spanId)));
  const before = named(read('chromium-156'));
  for (const header of [`Server-Timing: traceparent;desc=\\"${value}\\"`, `traceresponse: ${value}`])
    expect(named(answering(header))).toEqual(new Set([...before, 'b'.repeat(16)]));
});
