/** The entries of MariaDB's slow log as their lines, before they become spans (mariadb-slow-log.ts). */
import type { UnixNano } from '../model/time.ts';

/** A join of more tables than this is cut in what is told of it. */
const MAX_EXPLAIN_ROWS = 100;

/** A statement may be megabytes long; its header with every count in it is within this. */
const IDENTIFYING_CHARS = 1_500;

const BANNER = /, Version: .* started with:$/;
const BEGINS = /^# (Time: \d|User@Host: )/;

export const isMariadbSlowLog = (head: string): boolean =>
  head.split('\n', 8).some((line) => BEGINS.test(line)) &&
  /^# (User@Host|Thread_id|Query_time): /m.test(head);

/** Does a new entry begin with this line? `# Time` makes one of its own, with nothing in it. */
export const beginsMariadbEntry = (line: string): boolean => BEGINS.test(line) || BANNER.test(line);

export interface EntryLines {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly lines: string[];
}

export function entriesOf(log: string): EntryLines[] {
  const entries: EntryLines[] = [];
  log.split('\n').forEach((text, index) => {
    const last = entries.at(-1);
    if (!last || beginsMariadbEntry(text)) entries.push({ line: index + 1, lines: [text] });
    else last.lines.push(text);
  });
  return entries;
}

export interface Entry {
  readonly startUnixNano: UnixNano;
  readonly fields: ReadonlyMap<string, string>;
  readonly explain: readonly ExplainRow[];
  readonly statement: string;
  /** Tells it from another: its header and the first of its statement. */
  readonly text: string;
}

const TIMESTAMP = /^SET timestamp=(\d{1,10})(?:\.(\d{1,9}))?;$/;
/** Preparing, closing, quitting: no statement. */
const ADMINISTRATION = '# administrator command: ';
const FIELD = /([A-Za-z_@]+): {0,2}(\S+)/g;

export function readEntry(lines: readonly string[]): Entry | 'nothing' | 'broken' {
  const first = lines[0] ?? '';
  const isAlone = lines.slice(1).every((line) => line.trim() === '');
  if (BANNER.test(first) || (isAlone && /^(# Time: .*|\s*)$/.test(first))) return 'nothing';
  const timestampAt = lines.findIndex((line) => TIMESTAMP.test(line));
  const [, seconds, fraction = ''] = TIMESTAMP.exec(lines[timestampAt] ?? '') ?? [];
  if (seconds === undefined || !BEGINS.test(first)) return 'broken';
  const header = lines.slice(0, timestampAt).filter((line) => line.startsWith('# '));
  const isExplain = (line: string) => line.startsWith('# explain: ');
  const fields = new Map(
    header.filter((line) => !isExplain(line)).flatMap((line) => [...line.matchAll(FIELD)].map(fieldOf)),
  );
  if (milliseconds(fields.get('Query_time')) === undefined) return 'broken';
  const statement = lines
    .slice(timestampAt + 1)
    .join('\n')
    .trim()
    .replace(/;$/, '');
  if (statement.startsWith(ADMINISTRATION)) return 'nothing';
  return {
    startUnixNano: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0') || 0),
    fields,
    explain: explainRows(header.filter(isExplain)),
    statement,
    text: lines.join('\n').slice(0, IDENTIFYING_CHARS),
  };
}

const fieldOf = ([, name = '', value = '']: RegExpMatchArray): [string, string] => [name, value];

export interface ExplainRow {
  readonly table: string;
  readonly type: string;
  readonly key: string;
  readonly readRows: number | undefined;
  readonly keptPercent: number | undefined;
  readonly extra: string;
}

/** The first row holds the columns' names: they differ between ANALYZE and EXPLAIN, and between versions. */
function explainRows(lines: readonly string[]): ExplainRow[] {
  const [names = [], ...rows] = lines
    .slice(0, MAX_EXPLAIN_ROWS + 1)
    .map((line) => line.slice('# explain: '.length).split('\t'));
  return rows.map((cells) => {
    const cell = (name: string) => cells[names.indexOf(name)] ?? 'NULL';
    const [table, type, key, extra] = [cell('table'), cell('type'), cell('key'), cell('Extra')];
    return {
      table,
      type,
      key,
      extra,
      readRows: count(cell('r_rows')),
      keptPercent: count(cell('r_filtered')),
    };
  });
}

/** Larger than this is no count, and not exact. */
const LARGEST = 1e15;

export function count(text: string | undefined): number | undefined {
  const value = /^\d+(\.\d+)?$/.test(text ?? '') ? Number(text) : Number.NaN;
  return value < LARGEST ? value : undefined;
}

/** From seconds with six decimals. A year is the longest that is believed. */
export function milliseconds(seconds: string | undefined): number | undefined {
  const value = count(seconds);
  return value !== undefined && value < 31_536_000 ? Math.round(value * 1e6) / 1e3 : undefined;
}
