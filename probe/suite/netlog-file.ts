/**
 * A NetLog that may be too long for a text, read part by part: a browser that a suite keeps for a thousand tests writes
 * most of a gigabyte.
 *
 * ```
 * // file     |constants|- - - - - - - - - - - - - - - - - - - - -|     a line an event, by time
 * // part 1             |-----------|
 * // part 2                     |-----------|
 * ```
 * Of what came before a part nothing is known but which sockets HTTP/2 sessions are on, which is said once a session.
 * Lines as Chromium writes them: src/import/netlog/events.ts.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { constantsIn, isFields } from '../../src/import/netlog/events.ts';
import { type NetLog, readNetLog } from '../../src/import/netlog.ts';

const LASTING_TYPE = 'HTTP2_SESSION_INITIALIZED';
/** A request may end this much later than what asked for it. */
const LATE_MS = 5_000;
/** The last lines of a file that is being written are among so many bytes. */
const TAIL_BYTES = 1 << 16;
const BLOCK_BYTES = 1 << 16;
const MANY_BYTES = 1 << 22;
/** More is no text any more, and a browser that wrote so much for one part has other troubles. */
const MAX_PART_BYTES = 1 << 28;
const EVENTS = '"events": [\n';
const NEWLINE = 10;
const TIME = '"time":"';

interface Head {
  readonly text: string;
  /** Where the first event begins, in bytes. */
  readonly end: number;
  readonly timeTickOffset: number;
  /** How a line of the lasting type ends. */
  readonly lastingEnd: string;
}
interface Line {
  readonly at: number;
  readonly text: string;
}

export class NetLogFile {
  private readonly file: number;
  private size = 0;
  private head: Head | undefined;
  private readonly lasting: string[] = [];
  private lastingUntil = 0;

  /** @throws Error when it cannot be opened */
  constructor(path: string) {
    this.file = openSync(path, 'r');
    this.grow();
  }

  /** The browser may write on. */
  private grow(): void {
    this.size = fstatSync(this.file).size;
    this.head ??= this.readHead();
  }

  /** Has the browser written down all that was asked for before `unixMs`, or ended? */
  tellsUntil(unixMs: number): boolean {
    this.grow();
    if (!this.head) return false;
    const { end, timeTickOffset } = this.head;
    const from = Math.max(end, this.size - TAIL_BYTES);
    const last = linesIn(this.bytesOf(from, this.size), from).at(-1)?.text;
    if (last === undefined) return false;
    return !last.startsWith('{') || timeTickOffset + timeIn(last) >= unixMs + LATE_MS;
  }

  close(): void {
    closeSync(this.file);
  }

  /**
   * What was written down from `fromUnixMs` on, until what was asked for before `toUnixMs` has ended. Parts are asked
   * for in the order in which they begin.
   */
  part(fromUnixMs: number, toUnixMs: number): NetLog {
    const { head } = this;
    this.grow();
    if (!head) return readNetLog(this.textOf(0, this.size));
    const from = this.find(fromUnixMs, head);
    const to = Math.max(from, this.find(toUnixMs + LATE_MS, head));
    this.readLastingUntil(from, head);
    const isRest = to === this.size && to - from <= MAX_PART_BYTES;
    const text = this.textOf(from, to);
    // The rest of the file has its own closing brackets, if it has not been cut off.
    const events = isRest ? text : text.slice(0, text.lastIndexOf('}') + 1).concat(']}');
    return readNetLog(`${head.text}${EVENTS}${this.lasting.map((line) => `${line},\n`).join('')}${events}`);
  }

  private textOf(from: number, to: number): string {
    return this.bytesOf(from, Math.min(to, from + MAX_PART_BYTES)).toString('utf8');
  }

  private bytesOf(from: number, to: number): Buffer {
    const buffer = Buffer.alloc(to - from);
    return buffer.subarray(0, readSync(this.file, buffer, 0, buffer.length, from));
  }

  private readHead(): Head | undefined {
    let length = BLOCK_BYTES;
    let text = this.textOf(0, length);
    while (!text.includes(EVENTS) && length < Math.min(this.size, MAX_PART_BYTES)) {
      length *= 2;
      text = this.textOf(0, length);
    }
    const at = text.indexOf(EVENTS);
    return at < 0 ? undefined : headOf(text.slice(0, at));
  }

  /** Where the first line of this time or a later one begins; they are in order, but for a millisecond or two. */
  private find(unixMs: number, { end, timeTickOffset }: Head): number {
    let [low, high] = [end, this.size];
    while (high - low > BLOCK_BYTES) {
      const middle = low + Math.floor((high - low) / 2);
      const [, line] = this.linesFrom(middle);
      if (line && timeTickOffset + timeIn(line.text) < unixMs) low = line.at;
      else high = middle;
    }
    for (let lines = this.linesFrom(low); lines.length > 0; lines = this.linesFrom(low))
      for (const { at, text } of lines) {
        if (!text.startsWith('{')) return this.size;
        if (!(timeTickOffset + timeIn(text) < unixMs)) return at;
        low = at + Buffer.byteLength(text) + 1;
      }
    return this.size;
  }

  /** The first of them may begin within a line. */
  private linesFrom(from: number): Line[] {
    for (let length = BLOCK_BYTES * 2; ; length *= 2) {
      const block = this.bytesOf(from, Math.min(from + length, this.size));
      const lines = linesIn(block, from);
      if (lines.length > 1 || from + block.length === this.size) return lines;
    }
  }

  private readLastingUntil(to: number, head: Head): void {
    const end = Buffer.from(head.lastingEnd);
    this.lastingUntil ||= head.end;
    while (this.lastingUntil < to) {
      const from = this.lastingUntil;
      const block = this.bytesOf(from, Math.min(from + MANY_BYTES, to));
      for (let at = block.indexOf(end); at >= 0; at = block.indexOf(end, at + end.length))
        this.lasting.push(block.toString('utf8', block.lastIndexOf(NEWLINE, at) + 1, at + end.length));
      const whole = block.lastIndexOf(NEWLINE) + 1;
      this.lastingUntil = whole > 0 ? from + whole : to;
    }
  }
}

function linesIn(block: Buffer, from: number): Line[] {
  const lines: Line[] = [];
  let begin = 0;
  for (let end = block.indexOf(NEWLINE); end >= 0; end = block.indexOf(NEWLINE, begin)) {
    lines.push({ at: from + begin, text: block.toString('utf8', begin, end) });
    begin = end + 1;
  }
  return lines;
}

/** `{"params":{…},"phase":1,"source":{…},"time":"25871010","type":564},` */
function timeIn(line: string): number {
  const at = line.lastIndexOf(TIME) + TIME.length;
  return Number(line.slice(at, line.indexOf('"', at)));
}

function headOf(text: string): Head | undefined {
  const constants = constantsIn(text);
  const timeTickOffset = Number(constants?.timeTickOffset);
  if (!constants || !Number.isFinite(timeTickOffset)) return undefined;
  const types = isFields(constants.logEventTypes) ? constants.logEventTypes : {};
  const lastingEnd = `"type":${String(types[LASTING_TYPE])}}`;
  return { text, end: Buffer.byteLength(text + EVENTS), timeTickOffset, lastingEnd };
}
