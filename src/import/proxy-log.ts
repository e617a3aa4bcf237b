/**
 * Lines of any load balancer's log, mixed as they come in on one port: each goes to the reader of the program that
 * wrote it. What none of them knows is left to HAProxy's reader, which says what is wrong with it.
 */
import type { ImportResult } from '../model/span.ts';
import { isCaddyLog, readCaddyLog } from './caddy-log.ts';
import { isEnvoyLog, isEnvoyPlain, readEnvoyLog } from './envoy-log.ts';
import { readHaproxyLog } from './haproxy-log.ts';
import type { LogOptions } from './log-line.ts';
import { isNginxLog, isNginxPlain, readNginxLog } from './nginx-log.ts';

type Read = (log: string, options: LogOptions) => ImportResult;

const READERS: readonly (readonly [is: (line: string) => boolean, read: Read])[] = [
  [isNginxLog, readNginxLog],
  [isEnvoyLog, readEnvoyLog],
  [isCaddyLog, readCaddyLog],
  [isNginxPlain, readNginxLog],
  [isEnvoyPlain, readEnvoyLog],
];

const readerOf = (line: string): Read => READERS.find(([is]) => is(line))?.[1] ?? readHaproxyLog;

/** Reads one datagram or many lines. Never throws. */
export function readProxyLog(log: string, options: LogOptions = {}): ImportResult {
  const lines = log.split('\n');
  const readers = lines.map(readerOf);
  // each reader gets the text with the others' lines blank, so that a warning's line number is the text's
  const results = [...new Set(readers)].map((read) =>
    read(lines.map((line, i) => (readers[i] === read ? line : '')).join('\n'), options),
  );
  return {
    spans: results.flatMap(({ spans }) => spans),
    warnings: results.flatMap(({ warnings }) => warnings),
  };
}
