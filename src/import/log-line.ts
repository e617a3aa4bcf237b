/**
 * What every load balancer's JSON log has in common: one object a line, behind whatever framing its way here put
 * in front (a raw datagram, syslog RFC 3164 and 5424, a container's time stamp, an octet count).
 *
 * ```
 * <134>Nov 22 07:09:54 web-1 haproxy[15498]: {"k":"haproxy",…}
 * |------------- frame ---------------------| |---- json ----|
 * ```
 */
import type { ImportResult, ReportedSpan, Warning } from '../model/span.ts';

export interface LogLine {
  /** What stands before the JSON. */
  readonly frame: string;
  /** From the first brace to the end of the line. */
  readonly json: string;
}

/** What an importer is told of the text's way here. */
export interface LogOptions {
  /** Machine that the program runs on, when that is known; names its clock. */
  readonly host?: string;
  /** Where the text came from, for warnings: a file, a sender. */
  readonly where?: string;
}

export type Warn = (code: string, message: string) => void;

/** Reads a text line by line; each warning names its line, counted from 1. */
export function readLines(
  log: string,
  where: string,
  readLine: (line: string, warn: Warn) => readonly ReportedSpan[],
): ImportResult {
  const spans: ReportedSpan[] = [];
  const warnings: Warning[] = [];
  log.split('\n').forEach((line, index) => {
    if (!line.trim()) return;
    const warn: Warn = (code, message) =>
      warnings.push({ code, where: `${where}, line ${index + 1}`, message });
    spans.push(...readLine(line, warn));
  });
  return { spans, warnings };
}

/** After a line that says where it came from, how much of a bad line a warning quotes. */
const QUOTED_CHARS = 160;

/** Undefined when no JSON object begins in the line. */
export function logLineOf(line: string): LogLine | undefined {
  const jsonAt = line.search(/\{\s*"/);
  return jsonAt < 0 ? undefined : { frame: line.slice(0, jsonAt), json: line.slice(jsonAt).trimEnd() };
}

/** The object, with a bare dash (a value that the program did not know) put right; undefined when it is broken. */
export function parseLogJson(json: string): Record<string, unknown> | undefined {
  for (const candidate of [json, json.replace(/:\s*-(?=\s*[,}])/g, ':null')]) {
    try {
      const value: unknown = JSON.parse(candidate);
      return value && typeof value === 'object' && !Array.isArray(value) ? { ...value } : undefined;
    } catch {}
  }
  return undefined;
}

export const quote = (line: string): string =>
  line.length > QUOTED_CHARS ? `${line.slice(0, QUOTED_CHARS)}…` : line;

/** `<134>Nov 22 07:09:54 web-1 haproxy[15498]: `, `<134>Nov 22 07:09:54 web-1 nginx: `, `<134>1 2026-11-22T… web-1 …` */
const FRAME_HOST = /^(?:\d+ )?<\d+>(?:1 \S+ (\S+) \S+ |\w{3} [ \d]\d [\d:]+ (?:(\S+) )?\S+:)/;

/** The name of the clock that stamped the line: the program, and its machine where that is known. */
export function logClock(program: string, frame: string, host: string | undefined): string {
  const match = FRAME_HOST.exec(frame);
  const framed = match?.[1] ?? match?.[2];
  const name = host ?? (framed && framed !== '-' ? framed : undefined);
  return name ? `${program}@${name}` : program;
}
