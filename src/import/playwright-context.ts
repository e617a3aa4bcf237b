/**
 * The lines of one `.trace` and its `.network`, with the clock that stamped them: milliseconds of a clock of the recorder's
 * own, which `context-options` ties to the wall clock (`wallTime`, `monotonicTime`), and each call before version 7.
 *
 * ```
 * monotonicTime  1086.340       startTime  1089.059
 * wallTime       1795883862487                       → Unix ms 1795883862489.719
 * ```
 */
import { strFromU8 } from 'fflate';
import { NANOS_PER_MS, type UnixNano, unixNanoFromMs } from '../model/time.ts';
import { readHarEntry } from './har-entry.ts';
import { isObject, type Json, number, text } from './json-value.ts';
import type { Warn } from './playwright-trace.ts';
import type { RecordedRequest } from './recording.ts';

export interface PlaywrightContext {
  /** File in the archive. */
  readonly name: string;
  readonly isTest: boolean;
  readonly version: number | undefined;
  /** Of `context-options`; empty when there is none. */
  readonly options: Json;
  readonly lines: readonly Json[];
  readonly requests: ReadonlyMap<Json, RecordedRequest>;
  /** Why the test failed. */
  readonly error?: string;
  /** Undefined for what is no time. */
  readonly unixNano: (time: unknown) => UnixNano | undefined;
}

interface ContextFiles {
  readonly name: string;
  readonly isTest: boolean;
  readonly trace: Uint8Array;
  readonly network?: Uint8Array;
}

export function readContext(files: ContextFiles, warn: Warn): PlaywrightContext | undefined {
  const { name, isTest } = files;
  const lines = linesOf(files.trace, name, warn);
  const options = lines.find((line) => line.type === 'context-options') ?? {};
  const unixNano = clockOf(options, lines);
  if (!unixNano) {
    if (lines.length > 0)
      warn('no_clock', name, 'nothing ties its times to the clock on the wall: it was left out');
    return undefined;
  }
  const version = number(options.version);
  const error = lines.find((line) => line.type === 'error');
  return {
    name,
    isTest,
    version: Number.isFinite(version) ? version : undefined,
    options,
    lines,
    requests: requestsOf(files, unixNano, warn),
    ...(error && { error: firstLine(text(error.message)) || 'failed' }),
    unixNano,
  };
}

const CONTROL_SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const MAX_ERROR_CHARS = 500;

/** Playwright's own words: what follows repeats arguments, and with them what was typed. */
export const firstLine = (said: string): string =>
  (said.replace(CONTROL_SEQUENCE, '').split('\n', 1)[0] ?? '').slice(0, MAX_ERROR_CHARS);

/** Of a recorder that was killed, the last line may be cut. */
function linesOf(bytes: Uint8Array, name: string, warn: Warn): Json[] {
  const lines: Json[] = [];
  const texts = strFromU8(bytes).split('\n');
  texts.forEach((line, i) => {
    if (line.trim() === '') return;
    const parsed = parse(line);
    if (isObject(parsed)) lines.push(parsed);
    else if (i === texts.length - 1) warn('truncated', name, 'it was cut off, and read up to the cut');
    else warn('bad_line', `${name}, line ${i + 1}`, 'this line is no JSON object; it was skipped');
  });
  return lines;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Where the test began, no clock of a computer has been; a stamp beyond these is no time. */
const LAST_UNIX_MS = 8.64e15 / 1_000;

function clockOf(options: Json, lines: readonly Json[]): PlaywrightContext['unixNano'] | undefined {
  const offsetMs = offsetOf(options.wallTime, options.monotonicTime) ?? offsetOfCalls(lines);
  if (offsetMs === undefined) return undefined;
  return (time) => {
    const unixMs = number(time) + offsetMs;
    return unixMs > 0 && unixMs < LAST_UNIX_MS ? unixNanoFromMs(unixMs) : undefined;
  };
}

function offsetOf(wallTime: unknown, monotonicTime: unknown): number | undefined {
  const [wallMs, monotonicMs] = [number(wallTime), number(monotonicTime)];
  return wallMs > 0 && Number.isFinite(monotonicMs) && Number.isFinite(wallMs)
    ? wallMs - monotonicMs
    : undefined;
}

function offsetOfCalls(lines: readonly Json[]): number | undefined {
  for (const line of lines) {
    const offset = line.type === 'before' ? offsetOf(line.wallTime, line.startTime) : undefined;
    if (offset !== undefined) return offset;
  }
  return undefined;
}

function requestsOf(
  { name, trace, network }: ContextFiles,
  unixNano: PlaywrightContext['unixNano'],
  warn: Warn,
): Map<Json, RecordedRequest> {
  const requests = new Map<Json, RecordedRequest>();
  const file = name.replace(/\.trace$/, '.network');
  // Either file may hold them: version 3 and before wrote one, and so does nobody since.
  const lines = network ? linesOf(network, file, warn) : linesOf(trace, name, () => undefined);
  for (const line of lines) {
    if (line.type !== 'resource-snapshot' || !isObject(line.snapshot)) continue;
    const entry = line.snapshot;
    const started = entry._monotonicTime === undefined ? undefined : unixNano(entry._monotonicTime);
    const request = readHarEntry(entry, {
      key: `${file} ${requests.size}`,
      isSslWithin: true,
      ...(started !== undefined && { start: { unixNano: started, precisionNs: NANOS_PER_MS } }),
      warn: (code, message) => warn(code, file, message),
    });
    if (request) requests.set(entry, request);
  }
  return requests;
}
