import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readHar } from '../../src/import/har.ts';
import { HEADWATER, LOCAL_ANSWERS, PHASES } from '../../src/model/attributes.ts';
import { redactSpan } from '../../src/model/redact.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { restitch } from '../../src/run/restitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readHar(fixture('har', `${name}.har`).toString());
const ofType = (spans: readonly ReportedSpan[], type: string) =>
  spans.filter(({ attributes }) => attributes[HEADWATER.type] === type);
const msOf = (span: ReportedSpan) => Number(span.endUnixNano - span.startUnixNano) / 1e6;

/** `[name, ms]` of one request's phases, in order; each begins where the one before ended. */
function phasesOf(name: string, at = 0): [string, number][] {
  const { spans } = read(name);
  const request = ofType(spans, 'request')[at]!;
  const phases = ofType(spans, 'phase').filter(({ parentSpanId }) => parentSpanId === request.spanId);
  phases.forEach((phase, i) => {
    expect(phase.startUnixNano).toBe(phases[i - 1]?.endUnixNano ?? request.startUnixNano);
  });
  if (phases.length) expect(phases.at(-1)!.endUnixNano).toBe(request.endUnixNano);
  return phases.map((phase) => [phase.name, msOf(phase)]);
}

describe.each(fixturesOf('har'))('%s', (name) => {
  const bytes = fixture('har', name);
  it('is read', () => checkImport('har', name, readHar(bytes.toString())));
  it('is recognised without its name', () => {
    const format = formatOf(bytes);
    expect(format?.name).toBe('HAR');
    expect(readAs(format!, bytes, {})).toEqual(readHar(bytes.toString()));
  });
});

describe('phases', () => {
  it('lie end to end, TLS taken out of connect, where Chrome counts it', () => {
    expect(phasesOf('chrome-tls-within-connect')).toEqual([
      [PHASES.wait, 12.5],
      [PHASES.dns, 20],
      [PHASES.connect, 35.125],
      [PHASES.tls, 45.125],
      [PHASES.send, 0.5],
      [PHASES.waiting, 100],
      [PHASES.download, 3.75],
    ]);
  });

  it('has TLS beside connect where Firefox counts it', () => {
    expect(phasesOf('firefox-tls-beside-connect')).toEqual([
      [PHASES.wait, 121],
      [PHASES.dns, 48],
      [PHASES.connect, 29],
      [PHASES.tls, 46],
      [PHASES.waiting, 66],
    ]);
  });

  it('counts Playwright’s TLS once, and none on plain HTTP', () => {
    expect(phasesOf('playwright-counts-tls-twice')).toEqual([
      [PHASES.dns, 4],
      [PHASES.connect, 20],
      [PHASES.tls, 40],
      [PHASES.waiting, 100],
      [PHASES.download, 6],
    ]);
    expect(phasesOf('playwright-counts-tls-twice', 1)).toEqual([
      [PHASES.dns, 0.5],
      [PHASES.connect, 2],
      [PHASES.waiting, 10],
      [PHASES.download, 1],
    ]);
  });

  it('takes −1 for not applicable', () => {
    expect(phasesOf('minus-one-is-not-zero')).toEqual([
      [PHASES.waiting, 30],
      [PHASES.download, 5],
    ]);
  });

  it('of a request that was answered inside the browser are one', () => {
    expect([0, 1, 2].map((at) => phasesOf('answered-by-a-cache', at))).toEqual([
      [[LOCAL_ANSWERS.memory, 0.5]],
      [[LOCAL_ANSWERS.disk, 4]],
      [[LOCAL_ANSWERS['service-worker'], 6]],
    ]);
  });

  it('are none where only the whole is told: nothing is made up', () => {
    const { spans, warnings } = read('insomnia-no-pages-no-phases');
    expect(ofType(spans, 'phase')).toEqual([]);
    expect(ofType(spans, 'request').map(msOf)).toEqual([891.566]);
    expect(warnings).toMatchObject([{ code: 'har.no_phases', where: 'entry 1' }]);
  });

  it('tells the browser’s own queue of what was waited', () => {
    const [wait] = ofType(read('chrome-tls-within-connect').spans, 'phase');
    expect(wait?.attributes['headwater.queueing_ms']).toBe(9.5);
  });
});

describe('what is no time', () => {
  it('is told where all requests claim the same start', () => {
    expect(read('all-at-one-instant').warnings).toMatchObject([{ code: 'har.one_instant' }]);
  });

  it('is left out with a warning, the rest stays', () => {
    const { spans, warnings } = read('times-that-are-none');
    expect(ofType(spans, 'request').map(msOf)).toEqual([5, 2, 3.5, 0]);
    const codes = warnings.map(({ code }) => code);
    expect(codes.filter((code) => code === 'har.no_time').length).toBe(3);
    expect(codes.filter((code) => code === 'har.bad_phase').length).toBe(2);
  });
});

describe('pages', () => {
  it('are steps, with their load events and paints', () => {
    const steps = ofType(read('two-runs-of-browsertime').spans, 'step');
    expect(steps.map(({ name }) => name)).toEqual(['Shop run 1', 'Shop run 2']);
    expect(
      steps[0]!.events.map(({ name, timeUnixNano }) => [
        name,
        Number(timeUnixNano - steps[0]!.startUnixNano) / 1e6,
      ]),
    ).toEqual([
      ['firstPaint', 180],
      ['domContentLoaded', 200],
      ['largestContentfulPaint', 290],
      ['load', 300],
    ]);
    expect(steps[1]!.events.map(({ name }) => name)).toEqual(['domContentLoaded']);
    expect(steps.map(msOf)).toEqual([300, 150]);
  });

  it('that claim to have begun months away begin with their first request', () => {
    const { spans, warnings } = read('page-months-before-its-requests');
    expect(ofType(spans, 'step').map((step) => [msOf(step), step.events.length])).toEqual([[20, 0]]);
    expect(warnings).toMatchObject([{ code: 'har.page_far_away' }]);
  });

  it('that are named and not there are told, and their requests kept', () => {
    const { spans, warnings } = read('page-that-is-not-there');
    expect(ofType(spans, 'request').length).toBe(2);
    expect(warnings.map(({ code }) => code)).toEqual([
      'har.same_page',
      'har.no_page_time',
      'har.unknown_page',
    ]);
  });
});

describe('what ties requests together', () => {
  const initiators = (name: string) => {
    const requests = ofType(read(name).spans, 'request');
    const at = (id: unknown) => requests.findIndex(({ spanId }) => spanId === id);
    return requests.map(({ attributes }) => at(attributes[HEADWATER.initiator]));
  };

  it('is the hop before of a redirect', () => expect(initiators('redirect-chain')).toEqual([-1, 0, 1]));
  it('is the request that a preflight serves', () =>
    expect(initiators('preflight-listed-after')).toEqual([-1, 0]));

  it('is the script that asked, once it was there; a page that is still coming in is not named', () => {
    expect(initiators('script-that-asked')).toEqual([-1, -1, 1]);
  });

  it('is the socket, which one request paid for', () => {
    const { spans } = read('chrome-tls-within-connect');
    const [socket] = ofType(spans, 'connection');
    const [first, second] = ofType(spans, 'request');
    expect(socket?.attributes[HEADWATER.paidBy]).toBe(first?.spanId);
    expect([first, second].map((request) => request?.attributes[HEADWATER.connection])).toEqual([
      socket?.spanId,
      socket?.spanId,
    ]);
    expect(socket?.links.map(({ attributes }) => attributes?.['headwater.role'])).toEqual(['paid', 'rode']);
  });

  it('is no socket where a port is called so', () => {
    expect(ofType(read('one-port-for-many-sockets').spans, 'connection')).toEqual([]);
    expect(ofType(read('firefox-tls-beside-connect').spans, 'connection').length).toBe(2);
  });
});

describe('secrets', () => {
  it('are not in what is stored', () => {
    const stored = read('secrets').spans.map(redactSpan);
    const text = JSON.stringify(stored, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(text).toContain('lang=en');
    for (const secret of ['s3cr3t', 'hunter2', 'access_token=abc']) expect(text).not.toContain(secret);
  });

  it('leave the trace that was sent as a link', () => {
    const [request] = ofType(read('secrets').spans, 'request');
    expect(request?.links).toEqual([
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
    ]);
  });
});

describe('failures', () => {
  it('keep the browser’s name for them, or the status', () => {
    const requests = ofType(read('failed-and-called-off').spans, 'request');
    expect(requests.map(({ attributes }) => attributes['error.type'])).toEqual([
      'ERR_NAME_NOT_RESOLVED',
      'ERR_ABORTED',
      '503',
    ]);
    expect(requests.map(({ status }) => status.code)).toEqual(['error', 'error', 'error']);
  });
});

it('knows an event stream by its content, where the browser says nothing of it', () => {
  const har = JSON.parse(fixture('har', 'chrome-tls-within-connect.har').toString());
  const [entry] = har.log.entries;
  delete entry._resourceType;
  entry.response.content.mimeType = 'text/event-stream; charset=utf-8';
  const [request] = ofType(readHar(JSON.stringify(har)).spans, 'request');
  expect(request?.attributes['headwater.resource_type']).toBe('eventsource');
});

describe('as a run', () => {
  it('is the same run when it is read again, with a ledger that adds up and a verdict', () => {
    const store = openStore(':memory:');
    try {
      for (let times = 0; times < 2; times++) store.append(read('chrome-tls-within-connect').spans);
      const [traceId] = new Set(read('chrome-tls-within-connect').spans.map((span) => span.traceId));
      const { report, trace } = restitch(traceId!, store)!;
      expect(trace.spans.length).toBe(read('chrome-tls-within-connect').spans.length);
      expect(report.steps.map(({ name }) => name)).toEqual(['https://shop.example/']);
      expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
      expect(report.verdict.sentence).toMatch(/^https:\/\/shop\.example\/ took 251 ms/);
      expect(report.warnings).toEqual([]);
    } finally {
      store.close();
    }
  });

  it('blames a detour over redirects', () => {
    const store = openStore(':memory:');
    try {
      const { spans } = read('redirect-chain');
      store.append(spans);
      expect(restitch(spans[0]!.traceId, store)!.report.verdict.cause).toBe('browser.redirects');
    } finally {
      store.close();
    }
  });
});
