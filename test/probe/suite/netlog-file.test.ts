/** A NetLog read part by part says of each part what the whole of it says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NetLogFile } from '../../../probe/suite/netlog-file.ts';
import { readNetLog } from '../../../src/import/netlog.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures/netlog');
const folder = mkdtempSync(join(tmpdir(), 'headwater-netlog-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): NetLogFile {
  const path = join(folder, 'netlog.json');
  writeFileSync(path, text);
  return new NetLogFile(path);
}

/** Ends 5 s after what it was asked for. */
const LATE_MS = 5_000;

interface Spoken {
  readonly time: number;
  readonly source: number;
  readonly type: string;
  readonly phase: number;
  readonly params?: object;
}
const TYPES = [
  'REQUEST_ALIVE',
  'URL_REQUEST_START_JOB',
  'HTTP_TRANSACTION_SEND_REQUEST',
  'HTTP_STREAM_REQUEST_BOUND_TO_JOB',
  'HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION',
  'HTTP2_SESSION_INITIALIZED',
];
const CONSTANTS = {
  timeTickOffset: 1_000_000,
  logEventPhase: { PHASE_NONE: 0, PHASE_BEGIN: 1, PHASE_END: 2 },
  logEventTypes: Object.fromEntries(TYPES.map((name, i) => [name, i + 1])),
  logSourceType: { URL_REQUEST: 1, HTTP2_SESSION: 2, HTTP_STREAM_JOB: 3 },
};
const lineOf = ({ time, source, type, phase, params = {} }: Spoken, sourceType = 1) =>
  JSON.stringify({
    params,
    phase,
    source: { id: source, start_time: '0', type: sourceType },
    time: String(time),
    type: TYPES.indexOf(type) + 1,
  });
/** A request and all of its life. */
const request = (source: number, time: number, padding = ''): string[] =>
  (
    [
      ['REQUEST_ALIVE', 1, 0],
      ['URL_REQUEST_START_JOB', 1, 0, { method: 'GET', url: `https://a.test/${source}?${padding}` }],
      ['URL_REQUEST_START_JOB', 2, 20],
      ['REQUEST_ALIVE', 2, 20],
    ] as const
  ).map(([type, phase, after, params]) => lineOf({ time: time + after, source, type, phase, params }));
const netLog = (lines: readonly string[], end = '],\n"polledData": [{}]\n}\n') =>
  `{"constants":${JSON.stringify(CONSTANTS)},\n"events": [\n${lines.join(',\n')}${end}`;
const urlsIn = (file: NetLogFile, from: number, to: number) =>
  file.part(1_000_000 + from, 1_000_000 + to - LATE_MS).exchanges.map(({ url }) => url.replace(/\?.*/, ''));

describe('recorded by Chromium', () => {
  it.each(readdirSync(FIXTURES).filter((name) => name.endsWith('.json')))(
    '%s: a part of all is the whole',
    (name) => {
      const text = readFileSync(join(FIXTURES, name), 'utf8');
      const file = new NetLogFile(join(FIXTURES, name));
      expect(file.part(0, Number.MAX_SAFE_INTEGER)).toEqual(readNetLog(text));
      file.close();
    },
  );
});

describe('in parts', () => {
  it('has in each what began in it, however long the file is and its lines are', () => {
    const lines = Array.from({ length: 200 }, (_, i) => request(i, i * 100, 'x'.repeat((i % 7) * 30_000)));
    const file = fileOf(netLog(lines.flat()));
    for (const [from, to] of [
      [0, 1_000],
      [950, 4_050],
      [12_000, 12_100],
      [19_900, 40_000],
    ] as const) {
      const begun = Array.from({ length: 200 }, (_, i) => i).filter((i) => i * 100 >= from && i * 100 < to);
      expect(urlsIn(file, from, to)).toEqual(begun.map((i) => `https://a.test/${i}`));
    }
    file.close();
  });

  it('follows a request for a while that ends later', () => {
    const file = fileOf(netLog([...request(1, 1_000), ...request(2, 60_000)]));
    const [only, ...others] = file.part(1_000_990, 1_001_005).exchanges;
    expect([only?.url, only?.endUnixMs, others]).toEqual(['https://a.test/1?', 1_001_020, []]);
    file.close();
  });

  it('knows of the sessions from before on which sockets they are', () => {
    const initialized: Spoken = {
      ...{ time: 10, source: 7, type: 'HTTP2_SESSION_INITIALIZED', phase: 0 },
      params: { source_dependency: { id: 5, type: 9 } },
    };
    const bound = (type: string, source: number, id: number, time: number, sourceType: number) =>
      lineOf({ time, source, type, phase: 0, params: { source_dependency: { id, type: 3 } } }, sourceType);
    const lines = [
      ...request(1, 0),
      lineOf(initialized, 2),
      ...Array.from({ length: 300 }, (_, i) => request(100 + i, 20 + i, 'y'.repeat(20_000))).flat(),
      ...request(2, 60_000).slice(0, 2),
      bound('HTTP_STREAM_REQUEST_BOUND_TO_JOB', 2, 3, 60_001, 1),
      bound('HTTP2_SESSION_POOL_FOUND_EXISTING_SESSION', 3, 7, 60_001, 3),
      lineOf({ time: 60_002, source: 2, type: 'HTTP_TRANSACTION_SEND_REQUEST', phase: 1 }),
      ...request(2, 60_000).slice(2),
    ];
    const whole = readNetLog(netLog(lines)).exchanges.find(({ url }) => url.startsWith('https://a.test/2?'));
    expect(whole?.connectionId).toBe(5);
    const file = fileOf(netLog(lines));
    expect(file.part(1_059_000, 1_061_000).exchanges).toEqual([whole]);
    file.close();
  });

  it('says that the file was cut off of the part that was', () => {
    const text = netLog([...request(1, 0), ...request(2, 60_000)], '');
    const file = fileOf(text.slice(0, -40));
    const codes = (from: number, to: number) =>
      file.part(1_000_000 + from, 1_000_000 + to).warnings.map((w) => w.code);
    expect(codes(0, 100)).toEqual([]);
    expect(codes(60_000, 61_000)).toEqual(['netlog.truncated']);
    file.close();
  });

  it('reads a file of another kind as one that has no constants', () => {
    const file = fileOf('{"log":{}}\n');
    expect(file.part(0, 1).warnings.map(({ code }) => code)).toEqual(['netlog.no_constants']);
    file.close();
  });
});
