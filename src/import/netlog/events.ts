/**
 * The outer form of a NetLog file: one JSON object, `{"constants": {…}, "events": [` and then one event a line.
 * A browser that was killed leaves no closing `]}`, sometimes half a line: everything up to the cut is read.
 *
 * Event, source and phase numbers change with Chromium's version, so they are always named through `constants`.
 * Times are whole milliseconds of the browser's tick clock; `constants.timeTickOffset + time` is Unix milliseconds,
 * floored twice and so about 1.3 ms early.
 * Format: https://www.chromium.org/developers/design-documents/network-stack/netlog
 */
import type { Warning } from '../../model/span.ts';
import { number, text } from '../json-value.ts';

export interface NetLogEvent {
  /** Name of the event's type: `SSL_CONNECT`. */
  readonly type: string;
  readonly phase: 'begin' | 'end' | 'none';
  readonly unixMs: number;
  readonly sourceId: number;
  /** Name of the source's type: `URL_REQUEST`, `SOCKET`. */
  readonly sourceType: string;
  readonly params: Fields;
}
export type Fields = Readonly<Record<string, unknown>>;

export interface NetLogEvents {
  readonly events: readonly NetLogEvent[];
  /** The file ends before its closing brackets: the browser was killed, or is still writing. */
  readonly truncated: boolean;
  readonly warnings: readonly Warning[];
  /** Names of net errors, as far as the file's constants have them: −105 is `ERR_NAME_NOT_RESOLVED`. */
  readonly errorNames: ReadonlyMap<unknown, string>;
}

interface Vocabulary {
  readonly typeByNumber: ReadonlyMap<unknown, string>;
  readonly sourceTypeByNumber: ReadonlyMap<unknown, string>;
  readonly phaseByNumber: ReadonlyMap<unknown, NetLogEvent['phase']>;
  readonly timeTickOffset: number;
}

/** In nanoseconds it is what a store can hold. */
const LAST_UNIX_MS = 9e12;
/** Enough lines to see what is wrong with a file, few enough to read. */
const MAX_LINE_WARNINGS = 5;

/** Any text to events; never throws. */
export function readNetLogEvents(text: string): NetLogEvents {
  const warnings: Warning[] = [];
  const warn = (code: string, where: string, message: string) => warnings.push({ code, where, message });
  const outer = readOuter(text, warn);
  const vocabulary = vocabularyOf(outer.constants);
  if (!vocabulary) {
    warn('netlog.no_constants', 'line 1', 'This is not a NetLog file: it does not begin with its constants.');
    return { events: [], truncated: outer.truncated, warnings, errorNames: new Map() };
  }
  const events = outer.events.flatMap((raw) => eventOf(raw, vocabulary) ?? []);
  if (events.length < outer.events.length)
    warn(
      'netlog.bad_event',
      'events',
      `${outer.events.length - events.length} events had no time, type or source.`,
    );
  if (outer.truncated)
    warn('netlog.truncated', 'end of file', 'The NetLog was cut off; it was read up to the cut.');
  const { constants } = outer;
  const errorNames = namesByNumber(isFields(constants) ? constants.netError : undefined);
  return { events, truncated: outer.truncated, warnings, errorNames };
}

interface Outer {
  readonly constants: unknown;
  readonly events: readonly unknown[];
  readonly truncated: boolean;
}
type Warn = (code: string, where: string, message: string) => void;

function readOuter(text: string, warn: Warn): Outer {
  const whole = parse(text);
  if (isFields(whole)) {
    return {
      constants: whole.constants,
      events: Array.isArray(whole.events) ? whole.events : [],
      truncated: false,
    };
  }
  return readLines(text, warn);
}

/** The tolerant way: `{"constants":…,` on the first line, `"events": [` on the second, then a line an event. */
function readLines(text: string, warn: Warn): Outer {
  const lines = text.split('\n');
  const events: unknown[] = [];
  let bad = 0;
  for (let i = 1; i < lines.length; i++) {
    const line = (lines[i] ?? '')
      .trim()
      .replace(/^"events"\s*:\s*\[/, '')
      .replace(/,$/, '')
      .replace(/\]$/, '');
    if (line === '' || line === '}') continue;
    const event = parse(line);
    const isCut = i === lines.length - 1;
    if (isFields(event)) events.push(event);
    else if (!isCut && ++bad <= MAX_LINE_WARNINGS)
      warn('netlog.bad_line', `line ${i + 1}`, 'This line is not a JSON object; it was skipped.');
  }
  return { constants: constantsIn(lines[0] ?? ''), events, truncated: true };
}

/** Of the first line: `{"constants":{…},`. */
export function constantsIn(line: string): Fields | undefined {
  const head = parse(`${line.trimEnd().replace(/,$/, '')}}`);
  return isFields(head) && isFields(head.constants) ? head.constants : undefined;
}

function vocabularyOf(constants: unknown): Vocabulary | undefined {
  if (!isFields(constants) || typeof constants.timeTickOffset !== 'number') {
    // Older versions write the offset as a string.
    if (!isFields(constants) || !Number.isFinite(number(constants.timeTickOffset))) return undefined;
  }
  const phases = namesByNumber(constants.logEventPhase);
  return {
    typeByNumber: namesByNumber(constants.logEventTypes),
    sourceTypeByNumber: namesByNumber(constants.logSourceType),
    phaseByNumber: new Map([...phases].map(([number, name]) => [number, phaseOf(name)])),
    timeTickOffset: number(constants.timeTickOffset),
  };
}

const phaseOf = (name: string): NetLogEvent['phase'] =>
  name === 'PHASE_BEGIN' ? 'begin' : name === 'PHASE_END' ? 'end' : 'none';

const namesByNumber = (numberByName: unknown): Map<unknown, string> =>
  new Map(isFields(numberByName) ? Object.entries(numberByName).map(([name, number]) => [number, name]) : []);

function eventOf(raw: unknown, vocabulary: Vocabulary): NetLogEvent | undefined {
  if (!isFields(raw) || !isFields(raw.source)) return undefined;
  const unixMs = vocabulary.timeTickOffset + number(raw.time);
  const sourceId = raw.source.id;
  if (!(unixMs >= 0 && unixMs <= LAST_UNIX_MS) || typeof sourceId !== 'number') return undefined;
  return {
    type: vocabulary.typeByNumber.get(raw.type) ?? `TYPE_${text(raw.type)}`,
    phase: vocabulary.phaseByNumber.get(raw.phase) ?? 'none',
    unixMs,
    sourceId,
    sourceType: vocabulary.sourceTypeByNumber.get(raw.source.type) ?? `SOURCE_${text(raw.source.type)}`,
    params: isFields(raw.params) ? raw.params : {},
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** The id of the source that an event points at. */
export function dependencyOf(event: NetLogEvent): number | undefined {
  const dependency = event.params.source_dependency;
  return isFields(dependency) ? numberOf(dependency.id) : undefined;
}

/** Events by their source, in the order of the file. */
export function eventsBySource(events: readonly NetLogEvent[]): Map<number, NetLogEvent[]> {
  const bySource = new Map<number, NetLogEvent[]>();
  for (const event of events) {
    const list = bySource.get(event.sourceId);
    if (list) list.push(event);
    else bySource.set(event.sourceId, [event]);
  }
  return bySource;
}
