import fc from 'fast-check';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { formatOf, readAs } from '../../src/import/formats.ts';
import { readPlaywrightTrace } from '../../src/import/playwright-trace.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { ImportResult, ReportedSpan } from '../../src/model/span.ts';
import { restitch } from '../../src/run/restitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readPlaywrightTrace(fixture('playwright', name));
const ofType = ({ spans }: ImportResult, type: string) =>
  spans.filter(({ attributes }) => attributes[HEADWATER.type] === type);
const names = (spans: readonly ReportedSpan[]) => spans.map(({ name }) => name);

const VERSIONS = fixturesOf('playwright');

describe.each(VERSIONS)('%s', (name) => {
  const result = read(name);
  it('is read', () => checkImport('playwright', name, result));

  it('is recognised without its name', () => {
    const bytes = fixture('playwright', name);
    expect(formatOf(bytes)?.name).toBe('Playwright trace');
    expect(readAs(formatOf(bytes)!, bytes, {})).toEqual(result);
  });

  it('has the visit’s requests with phases, in the order they were made, without a warning', () => {
    expect(result.warnings).toEqual([]);
    const requests = [...ofType(result, 'request')].sort((a, b) => Number(a.startUnixNano - b.startUnixNano));
    expect(names(requests)).toEqual(['GET /old', 'GET /', 'GET /style.css', 'POST /api/answer']);
    const [old, page, , answer] = requests;
    expect(page!.attributes[HEADWATER.initiator]).toBe(old!.spanId);
    const waiting = ofType(result, 'phase').find(
      (phase) => phase.parentSpanId === answer!.spanId && phase.name === PHASES.waiting,
    )!;
    // the recorder's server answers after 120 ms
    expect(Number(waiting.endUnixNano - waiting.startUnixNano)).toBeGreaterThanOrEqual(119e6);
  });

  it('has the calls, each once, with what they were about and not what was typed', () => {
    const actions = ofType(result, 'action');
    const fills = actions.filter(({ attributes }) => attributes['headwater.action.target'] === '#name');
    expect(fills.length).toBe(1);
    expect(fills[0]!.name).toMatch(/\.fill$/);
    expect(actions.filter(({ name: call }) => call.endsWith('.goto')).length).toBe(1);
    const text = JSON.stringify(result.spans, (_, v) => (typeof v === 'bigint' ? String(v) : v));
    expect(text).not.toContain('typed by a person');
  });

  it('has what the page said of itself', () => {
    const events = result.spans.flatMap((span) => span.events);
    expect(events).toContainEqual(
      expect.objectContaining({
        name: 'exception',
        attributes: { 'exception.type': 'Error', 'exception.message': 'an error of the page' },
      }),
    );
    expect(events.map((event) => event.name)).toContain('consoleWarning');
  });

  it('is one run with a ledger that adds up, and no clock that was moved', () => {
    const store = openStore(':memory:');
    try {
      store.append(result.spans);
      const { report } = restitch(result.spans[0]!.traceId, store)!;
      expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
      expect(report.warnings).toEqual([]);
    } finally {
      store.close();
    }
  });
});

describe('steps', () => {
  it('are groups, with the calls inside', () => {
    const result = read('playwright-1.65.zip');
    const steps = ofType(result, 'step');
    expect(names(steps)).toEqual(['Open', 'Ask']);
    const inside = (step: ReportedSpan) =>
      names(ofType(result, 'action').filter(({ parentSpanId }) => parentSpanId === step.spanId));
    expect(steps.map(inside)).toEqual([
      ['page.goto'],
      ['locator.fill', 'locator.click', 'locator.waitForSelector', 'locator.click'],
    ]);
  });

  it('are the test’s own, with its hooks, and the one that failed says why', () => {
    const result = read('playwright-test-1.65.zip');
    const [run] = ofType(result, 'run');
    expect(run).toMatchObject({
      name: 'visit.spec.ts:2 › a small visit',
      status: { code: 'error', message: 'Error: expect(locator).toHaveText(expected) failed' },
    });
    expect(ofType(result, 'step').map(({ name, status }) => [name, status.code])).toEqual([
      ['Before Hooks', 'unset'],
      ['Open', 'unset'],
      ['Ask', 'error'],
      ['After Hooks', 'unset'],
      ['Worker Cleanup', 'unset'],
    ]);
    expect(names(ofType(result, 'action'))).toContain('expect.toHaveText');
  });
});

describe('archives', () => {
  const files = unzipSync(fixture('playwright', 'playwright-1.65.zip'));
  const packed = (changes: Record<string, Uint8Array>) =>
    readPlaywrightTrace(zipSync({ ...files, ...changes }));
  const trace = new TextDecoder().decode(files['trace.trace']);

  it('with a HAR in it are read as that', () => {
    const har = zipSync({ 'har.har': fixture('har', 'redirect-chain.har') });
    expect(formatOf(har)?.name).toBe('Playwright trace');
    expect(names(ofType(readPlaywrightTrace(har), 'request')).length).toBe(3);
  });

  it('of a recorder that was killed are read up to the cut, and what was going on is unfinished', () => {
    const cut = trace.slice(0, trace.indexOf('"endTime"', trace.indexOf('"goto"')) - 20);
    const result = packed({ 'trace.trace': strToU8(cut) });
    expect(result.warnings).toMatchObject([{ code: 'playwright.truncated' }]);
    const goto = ofType(result, 'action').find(({ name }) => name === 'page.goto');
    expect(goto?.status).toEqual({ code: 'error', message: 'unfinished' });
  });

  it('of a later version are read, with a warning', () => {
    const later = packed({ 'trace.trace': strToU8(trace.replace('"version":10', '"version":11')) });
    expect(later.warnings).toMatchObject([{ code: 'playwright.new_version' }]);
    expect(later.spans.length).toBe(read('playwright-1.65.zip').spans.length);
  });

  it('without a clock are left out, with a warning', () => {
    const lost = packed({ 'trace.trace': strToU8(trace.replace('"wallTime"', '"x"')) });
    expect(lost.spans).toEqual([]);
    expect(lost.warnings).toMatchObject([{ code: 'playwright.no_clock' }]);
  });

  it('that are cut, or hold something else, are a warning', () => {
    const bytes = fixture('playwright', 'playwright-1.65.zip');
    expect(readPlaywrightTrace(bytes.subarray(0, 1_500))).toMatchObject({
      spans: [],
      warnings: [{ code: 'playwright.damaged_archive' }],
    });
    expect(formatOf(zipSync({ 'photo.txt': strToU8('x') }))).toBeUndefined();
  });

  it('that claim to be too large are not unpacked', () => {
    const bytes = zipSync({ 'trace.trace': [strToU8(trace), { level: 0 }] });
    const view = new DataView(bytes.buffer);
    // the uncompressed size in the central directory, 24 bytes after its mark
    for (let at = 0; at < bytes.length - 4; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0x7fffffff, true);
    expect(readPlaywrightTrace(bytes)).toMatchObject({
      spans: [],
      warnings: [{ code: 'playwright.too_large' }],
    });
  });
});

describe('pictures', () => {
  const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
  const files = unzipSync(fixture('playwright', 'playwright-1.65.zip'));
  const lines = new TextDecoder().decode(files['trace.trace']).split('\n');
  const timeOf = (method: string) =>
    Number(
      (JSON.parse(lines.find((line) => line.includes(`"method":"${method}"`))!) as { startTime: number })
        .startTime,
    );
  const frame = (file: string, timestamp: number, rest = {}) =>
    JSON.stringify({
      type: 'screencast-frame',
      pageId: 'page@1',
      file: `screencast/${file}`,
      timestamp,
      ...rest,
    });
  const read = (...frames: string[]) =>
    readPlaywrightTrace(
      zipSync({
        ...files,
        'trace.trace': strToU8([...lines, ...frames].join('\n')),
        'screencast/before.jpeg': JPEG,
        'screencast/after.jpeg': JPEG,
        'screencast/page.html': strToU8('<script>'),
      }),
    ).pictures ?? [];

  it('are kept until something is typed, and from then on none', () => {
    const pictures = read(frame('before.jpeg', timeOf('goto')), frame('after.jpeg', timeOf('fill') + 1));
    expect(pictures.map(({ body, mediaType }) => [Array.from(body), mediaType])).toEqual([
      [Array.from(JPEG), 'image/jpeg'],
    ]);
  });

  it('are dated by when they were shown, where that is told', () => {
    const options = JSON.parse(lines[0]!) as { wallTime: number };
    const [picture] = read(
      frame('before.jpeg', timeOf('goto'), { frameSwapWallTime: options.wallTime + 50 }),
    );
    expect(picture!.timeUnixNano / 1_000_000n).toBe(BigInt(options.wallTime + 50));
  });

  it('are pictures, and inside the archive', () => {
    const at = timeOf('goto');
    expect(read(frame('page.html', at), frame('../../etc/passwd', at), frame('gone.jpeg', at))).toEqual([]);
  });
});

/** Numbers, keys and values, whatever they are, in each other's place; the archive around them stays whole. */
describe('lines with one value for another', () => {
  const files = unzipSync(fixture('playwright', 'playwright-test-1.65.zip'));
  const decoder = new TextDecoder();
  const texts = Object.entries(files).map(([name, bytes]) => [name, decoder.decode(bytes)] as const);
  const TOKEN = /"(?:[^"\\]|\\.)*"\s*:?|-?\d+(?:\.\d+)?/g;
  const VALUES = [
    '1e309',
    '-1e309',
    '-1',
    '9'.repeat(30),
    'null',
    'true',
    '[]',
    '{}',
    '[[[]]]',
    '""',
    '"\\u0000"',
  ];
  const KEYS = ['"__proto__":', '"constructor":', '"":', '"type":'];

  it('are read, kept and stitched', () => {
    const swap = fc.tuple(fc.nat(400), fc.constantFrom(...VALUES), fc.constantFrom(...KEYS));
    fc.assert(
      fc.property(fc.array(swap, { minLength: 1, maxLength: 12 }), (swaps) => {
        const byToken = new Map(swaps.map(([at, value, key]) => [at, { value, key }]));
        const hostile = texts.map(([name, text]) => {
          let at = -1;
          const changed = text.replace(TOKEN, (token) => {
            const to = byToken.get(++at);
            if (!to) return token;
            return token.endsWith(':') ? to.key : to.value;
          });
          return [name, strToU8(changed)];
        });
        const { spans } = readPlaywrightTrace(zipSync(Object.fromEntries(hostile), { level: 0 }));
        const store = openStore(':memory:');
        try {
          store.append(spans);
          for (const traceId of new Set(spans.map((span) => span.traceId))) {
            const { report } = restitch(traceId, store)!;
            expect(report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(report.wallNs);
          }
        } finally {
          store.close();
        }
      }),
      { numRuns: 100 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('may nest 100 000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    for (const key of [
      'params',
      'startTime',
      'title',
      'callId',
      'error',
      'snapshot',
      'text',
      'location',
      'wallTime',
    ]) {
      const hostile = texts.map(([name, text]) => [
        name,
        strToU8(
          text
            .replaceAll(new RegExp(`"${key}":(?:"(?:[^"\\\\]|\\\\.)*"|[\\d.]+)`, 'g'), `"${key}":${deep}`)
            .slice(0, 5e6),
        ),
      ]);
      expect(readPlaywrightTrace(zipSync(Object.fromEntries(hostile), { level: 1 })).spans).toBeInstanceOf(
        Array,
      );
    }
  });
});
