import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { importFile } from '../../src/collect/import-file.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { keepImported, keepNewWarnings } from '../../src/run/keep-imported.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { fixture } from '../import/check-import.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, body: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, body);
  return path;
}

async function imported(path: string) {
  const spans: ReportedSpan[] = [];
  const outcome = await importFile(path, { keep: (some) => spans.push(...some) });
  expect(outcome.spans).toBe(spans.length);
  return { ...outcome, kept: spans };
}

const haproxy = fixture('haproxy', 'haproxy-2.6-raw.log');
const jaeger = fixture('jaeger', 'jaeger-1.76.json');

describe('a file of any format', () => {
  it.each([
    ['OTLP/JSON', fixture('otlp', 'opentelemetry-js.json'), 2],
    ['OTLP/protobuf', fixture('otlp', 'opentelemetry-js.pb'), 2],
    ['OTLP/JSON lines', `${fixture('otlp', 'opentelemetry-js.json').toString().trim()}\n`.repeat(3), 6],
    ['Zipkin v2 JSON', fixture('zipkin', 'zipkin-3.5.json'), 4],
    ['Jaeger JSON', jaeger, 2],
    ['Jaeger Thrift', fixture('jaeger', 'opentelemetry-js-2.11.thrift'), 2],
    ['Tempo JSON', fixture('tempo', 'v1-batches.json'), 1],
    ['HAR', fixture('har', 'playwright-1.65.har'), 15],
    ['Playwright trace', fixture('playwright', 'playwright-1.65.zip'), 22],
    ['Chromium NetLog', fixture('netlog', 'chromium-156.json'), 48],
    ['HAProxy log', haproxy, 27],
    ['PostgreSQL jsonlog', fixture('postgresql', 'postgresql-18.json'), 53],
  ])('%s, plain and gzipped, whatever its name', async (format, body, spans) => {
    const plain = await imported(written('some-file', body));
    expect(plain).toMatchObject({ format, spans });
    expect(plain.error).toBeUndefined();
    const packed = await imported(written('some-file', gzipSync(body)));
    expect(packed.kept).toEqual(plain.kept);
  });

  it('with a byte order mark', async () => {
    expect(await imported(written('bom', Buffer.concat([Buffer.from('\ufeff'), jaeger])))).toMatchObject({
      spans: 2,
    });
  });

  it('with the line of a warning counted from the beginning of the file', async () => {
    const ok = haproxy.toString().split('\n')[0]!;
    const many = `${ok}\n`.repeat(5_000);
    const { warnings } = await imported(written('broken.log', `${many}{"k":"haproxy", broken\n`));
    expect(warnings).toMatchObject([
      { count: 1, examples: [{ where: expect.stringMatching(/broken\.log, line 5001$/) }] },
    ]);
  });

  it('with warnings counted, not listed', async () => {
    const { warnings } = await imported(
      written('many.log', `${haproxy}${'{"k":"haproxy", broken\n'.repeat(30_000)}`),
    );
    const truncated = warnings.find(({ code }) => code === 'haproxy.truncated');
    expect(truncated?.count).toBe(30_000);
    expect(truncated?.examples.length).toBeLessThan(10);
  });
});

describe('what cannot be read is a sentence', () => {
  it.each([
    ['an empty file', '', /is empty/],
    ['something else', '<html>', /is in no format that Headwater knows: .*Zipkin v2 JSON.*HAProxy log/],
    ['bytes', Buffer.from([0, 1, 2, 3, 255]), /is in no format/],
  ])('%s', async (_, body, sentence) => {
    expect((await imported(written('x', body))).error).toMatch(sentence);
  });

  it.each([
    ['a recording of Chrome’s Recorder', fixture('untimed', 'recorder.json')],
    ['a recording of Chrome’s Recorder', '{"steps":[{"type":"navigate","url":"x"}],"title":""}'],
    ['a browser script', "import { test } from '@playwright/test';\ntest('x', async () => {});"],
    ['a browser script', "const { chromium } = require('playwright');"],
    ['a curl command', "curl 'https://shop.example/' -H 'accept: */*'"],
  ])('%s, which has no times', async (kind, body) => {
    const path = written('untimed', body);
    const { error, spans, format } = await imported(path);
    expect(error).toContain(`is ${kind}: it says what was done, not how long it took`);
    expect(error).toContain(`headwater replay ${path}`);
    expect([spans, format]).toEqual([0, null]);
  });

  it.each([
    ['a configuration with steps', '{"steps":[{"run":"npm test"}]}'],
    ['a page about curl', 'How to use curl'],
  ])('%s is no recording', async (_, body) => {
    expect((await imported(written('other', body))).error).toMatch(/is in no format/);
  });

  it('no file, and a folder', async () => {
    expect((await imported(join(folder, 'gone'))).error).toMatch(/^There is no file .*gone\.$/);
    expect((await imported(folder)).error).toMatch(/is a folder: name the files in it/);
  });

  it('a document that is cut off', async () => {
    const { warnings, spans } = await imported(written('cut.json', jaeger.subarray(0, 900)));
    expect([spans, warnings[0]?.code]).toEqual([0, 'jaeger.malformed']);
  });

  it('an archive that is cut off: what came before counts', async () => {
    const lines = haproxy.toString().repeat(200);
    const packed = gzipSync(Buffer.from(lines));
    const result = await imported(written('cut.gz', packed.subarray(0, packed.length - 20)));
    expect(result.warnings.map(({ code }) => code)).toContain('import.damaged_archive');
    expect(result.spans).toBeGreaterThan(26);
  });

  it('a store that is full', async () => {
    const keep = () => {
      throw new Error('disk full');
    };
    expect((await importFile(written('x.json', jaeger), { keep })).error).toMatch(
      /could not be stored: disk full/,
    );
  });
});

describe('imported traces', () => {
  it('are on the list, once, however often they are read', async () => {
    const store = openStore(':memory:');
    const path = written('trace.json', jaeger);
    for (let times = 0; times < 2; times++) {
      const { traceIds, warnings } = await importFile(path, { keep: (spans) => store.append(spans) });
      keepNewWarnings(
        null,
        warnings.flatMap(({ examples }) => examples),
        store,
      );
      expect(keepImported(traceIds, store)).toBe(1);
    }
    const [run, ...others] = store.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ journey: 'POST /cart', status: 'failed', wallNs: 19_050_000 });
    expect(store.run(run!.traceId)?.trace.spans).toHaveLength(2);
    store.close();
  });

  it('leave a run that is under way to whoever runs it', async () => {
    const store = openStore(':memory:');
    const { traceIds } = await importFile(written('t.json', jaeger), {
      keep: (spans) => store.append(spans),
    });
    const [traceId = ''] = traceIds;
    store.startRun({
      traceId,
      journey: 'j',
      status: 'running',
      startUnixNano: '1',
      wallNs: 0,
      layers: {},
      sentence: '',
    });
    expect(keepImported(traceIds, store)).toBe(0);
    expect(store.runs()[0]?.status).toBe('running');
    store.close();
  });

  it('bring a warning once', () => {
    const store = openStore(':memory:');
    const warning = { code: 'c', where: 'w', message: 'm' };
    keepNewWarnings(null, [warning], store);
    keepNewWarnings(null, [warning], store);
    expect(store.warnings(null)).toEqual([warning]);
    store.close();
  });
});
