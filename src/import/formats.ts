/**
 * Every format that Headwater reads spans from, and how to tell them apart. One entry a format; the reading is in the
 * file that the entry names. `headwater import`, followed log files and the test against hostile bytes use this list.
 */
import type { ImportResult } from '../model/span.ts';
import { isAlbLog, readAlbLog } from './alb-log.ts';
import { isCaddyLog, readCaddyLog } from './caddy-log.ts';
import { isEnvoyLog, readEnvoyLog } from './envoy-log.ts';
import { isHaproxyLog, readHaproxyLog } from './haproxy-log.ts';
import { isHar, readHar } from './har.ts';
import { isJaegerJson, readJaegerJson } from './jaeger-json.ts';
import { isJaegerThrift, readJaegerThrift } from './jaeger-thrift.ts';
import { beginsMariadbEntry, isMariadbSlowLog, readMariadbSlowLog } from './mariadb-slow-log.ts';
import { isNetLog } from './netlog.ts';
import { readNetLogRun } from './netlog-recording.ts';
import { isNginxLog, readNginxLog } from './nginx-log.ts';
import { isOtlpJson, readOtlpJson } from './otlp-json.ts';
import { isOtlpJsonLines, readOtlpJsonLines } from './otlp-json-lines.ts';
import { isOtlpProtobuf, readOtlpProtobuf } from './otlp-protobuf.ts';
import { isPlaywrightTrace, readPlaywrightTrace } from './playwright-trace.ts';
import { isPostgresJsonlog, postgresReader, readPostgresJsonlog } from './postgres-jsonlog.ts';
import { isTempoJson, readTempoJson } from './tempo-json.ts';
import { boundedWarnings } from './warning-tally.ts';
import { isZipkinJson, readZipkinJson } from './zipkin-json.ts';

export interface ImportContext {
  /** Machine that the source runs on, when that is known; names its clock. */
  readonly host?: string;
  /** Where the bytes came from, for warnings: a file, a sender. */
  readonly where?: string;
  /** Tell of what names no trace too (`ImportResult.untraced`). */
  readonly untraced?: boolean;
}

interface FormatBase {
  /** As a person calls it: `HAProxy log`. */
  readonly name: string;
}

/** One entry after another, each readable by itself, so that a growing file can be followed. */
export interface LogFormat extends FormatBase {
  readonly kind: 'log';
  /** @param head the first entries, as text */
  is(head: string): boolean;
  /** @param text whole entries */
  read(text: string, context: ImportContext): ImportResult;
  /** The same for a file that is followed, call by call: remembers, in bounded memory, what an entry may refer to. */
  reader?(context: ImportContext): (text: string) => ImportResult;
  /** Does a new entry begin with this line? Every line does, unless told otherwise. */
  begins?(line: string): boolean;
}

/** One document, readable only as a whole. */
export interface DocumentFormat extends FormatBase {
  readonly kind: 'document';
  is(bytes: Uint8Array): boolean;
  read(bytes: Uint8Array, context: ImportContext): ImportResult;
}

export type Format = LogFormat | DocumentFormat;

/** Documents first: a log format may find its marks inside one. What holds one a line is known by its whole first line. */
export const FORMATS: readonly Format[] = [
  { kind: 'log', name: 'OTLP/JSON lines', is: isOtlpJsonLines, read: readOtlpJsonLines },
  jsonDocument('OTLP/JSON', isOtlpJson, readOtlpJson),
  jsonDocument('Zipkin v2 JSON', isZipkinJson, readZipkinJson),
  jsonDocument('Jaeger JSON', isJaegerJson, readJaegerJson),
  jsonDocument('Tempo JSON', isTempoJson, readTempoJson),
  jsonDocument('HAR', isHar, readHar),
  jsonDocument('Chromium NetLog', isNetLog, readNetLogRun),
  {
    kind: 'document',
    name: 'Playwright trace',
    is: isPlaywrightTrace,
    read: (bytes) => readPlaywrightTrace(bytes),
  },
  { kind: 'log', name: 'HAProxy log', is: isHaproxyLog, read: readHaproxyLog },
  { kind: 'log', name: 'nginx log', is: isNginxLog, read: readNginxLog },
  { kind: 'log', name: 'Envoy log', is: isEnvoyLog, read: readEnvoyLog },
  { kind: 'log', name: 'AWS ALB log', is: isAlbLog, read: readAlbLog },
  { kind: 'log', name: 'Caddy log', is: isCaddyLog, read: readCaddyLog },
  {
    kind: 'log',
    name: 'PostgreSQL jsonlog',
    is: isPostgresJsonlog,
    read: readPostgresJsonlog,
    reader: postgresReader,
  },
  {
    kind: 'document',
    name: 'Jaeger Thrift',
    is: isJaegerThrift,
    read: (bytes) => readJaegerThrift(bytes),
  },
  {
    kind: 'log',
    name: 'MariaDB slow log',
    is: isMariadbSlowLog,
    read: readMariadbSlowLog,
    begins: beginsMariadbEntry,
  },
  { kind: 'document', name: 'OTLP/protobuf', is: isOtlpProtobuf, read: (bytes) => readOtlpProtobuf(bytes) },
];

function jsonDocument(
  name: string,
  is: (head: string) => boolean,
  read: (text: string) => ImportResult,
): DocumentFormat {
  return { kind: 'document', name, is: (bytes) => is(headOf(bytes)), read: (bytes) => read(textOf(bytes)) };
}

/** Enough for the first entries of any log, and for a document to show what it is. */
const HEAD_BYTES = 64 * 1024;

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const headOf = (bytes: Uint8Array): string => textOf(bytes.subarray(0, HEAD_BYTES));

/** Undefined when it is none that is known. */
export function formatOf(bytes: Uint8Array): Format | undefined {
  const head = headOf(bytes);
  return FORMATS.find((format) => (format.kind === 'log' ? format.is(head) : format.is(bytes)));
}

/** The log format that these first lines are of. */
export function logFormatOf(head: string): LogFormat | undefined {
  return FORMATS.find((format): format is LogFormat => format.kind === 'log' && format.is(head));
}

/** Warnings of one kind are told a few times and then counted, however many there are. */
export function readAs(format: Format, bytes: Uint8Array, context: ImportContext): ImportResult {
  const result = format.kind === 'log' ? format.read(textOf(bytes), context) : format.read(bytes, context);
  return { ...result, warnings: boundedWarnings(result.warnings) };
}
