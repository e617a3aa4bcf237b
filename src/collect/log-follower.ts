/**
 * Follows a log file of any known format: finds out which it is from its first lines, cuts it into whole entries, and
 * hands what they say to the sink.
 *
 * ```
 * //  # User@Host …   # Query_time …   select 1;   # User@Host …   # Query_time …
 * //  |---------- read now -----------------------||------ held: more may come --|
 * ```
 * Where an entry has several lines, nothing says that the last one is whole but the next one's first line. So it is
 * held until the file has been quiet for a moment, or somebody wants to know now (`flush`): servers write an entry at once.
 */
import { hostname } from 'node:os';
import { type LogFormat, logFormatOf } from '../import/formats.ts';
import type { ImportResult } from '../model/span.ts';
import { FileTail } from './file-tail.ts';
import type { Sink } from './sink.ts';

/** Longer than any pause inside one entry, shorter than a person would notice. */
const QUIET_MS = 50;
/** A format shows itself in its first lines, also when following began in the middle of one. */
const SNIFF_LINES = 20;
const SNIFF_CHARS = 64 * 1024;
/** An entry longer than this is none: it is dropped. */
const MAX_ENTRY_CHARS = 32 * 1024 * 1024;

export class LogFollower {
  readonly #path: string;
  readonly #sink: Sink;
  readonly #onError: (error: Error) => void;
  readonly #quietMs: number;
  readonly #tail: FileTail;
  #read: ((text: string) => ImportResult) | undefined;
  #format: LogFormat | undefined;
  #held = '';
  #isUnknownTold = false;
  #quiet: NodeJS.Timeout | undefined;

  constructor(path: string, sink: Sink, onError: (error: Error) => void, quietMs = QUIET_MS) {
    this.#path = path;
    this.#sink = sink;
    this.#onError = onError;
    this.#quietMs = quietMs;
    this.#tail = new FileTail(path, { onLines: (lines) => this.#take(lines), onError });
  }

  async flush(): Promise<void> {
    await this.#tail.flush();
    this.#release();
  }

  async stop(): Promise<void> {
    await this.#tail.stop();
    this.#release();
    clearTimeout(this.#quiet);
  }

  /** When the sink throws nothing has changed here, and the tail offers the same lines again. */
  #take(lines: string): void {
    const text = this.#held ? `${this.#held}\n${lines}` : lines;
    this.#format ??= sniff(text);
    if (this.#format) this.#takeKnown(text, this.#format);
    else this.#keepUnknown(text);
  }

  #takeKnown(text: string, format: LogFormat): void {
    const [whole, rest] = splitBeforeLast(text, format);
    if (whole) this.#deliver(whole);
    this.#held = rest.length > MAX_ENTRY_CHARS ? '' : rest;
    if (this.#held) this.#releaseWhenQuiet();
  }

  #releaseWhenQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#release(), this.#quietMs).unref();
  }

  #release(): void {
    if (!this.#held || !this.#format) return;
    try {
      this.#deliver(this.#held);
      this.#held = '';
    } catch (error) {
      this.#onError(error as Error);
    }
  }

  #deliver(text: string): void {
    const context = { host: hostname(), where: this.#path, untraced: true };
    this.#read ??= this.#format?.reader?.(context) ?? ((more) => this.#format!.read(more, context));
    const result = this.#read(text);
    if (result.spans.length || result.warnings.length || result.untraced?.length) this.#sink.accept(result);
  }

  #keepUnknown(text: string): void {
    this.#held = text.length > SNIFF_CHARS ? '' : text;
    if (this.#held || this.#isUnknownTold) return;
    const message =
      'the lines of this log are of no format that Headwater reads; headwater doctor --config tells how';
    this.#sink.accept({ spans: [], warnings: [{ code: 'collect.unknown_log', where: this.#path, message }] });
    this.#isUnknownTold = true;
  }
}

/** Following may have begun in the middle of a line or an entry. */
function sniff(text: string): LogFormat | undefined {
  let start = 0;
  for (let line = 0; line < SNIFF_LINES && start < text.length; line++) {
    const format = logFormatOf(text.slice(start, start + SNIFF_CHARS));
    if (format) return format;
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return undefined;
}

/** The entries that are whole for sure, and the last one, which may go on. Where a line is an entry, all are whole. */
function splitBeforeLast(text: string, { begins }: LogFormat): readonly [whole: string, rest: string] {
  if (!begins) return [text, ''];
  for (let end = text.length; ; ) {
    const start = text.lastIndexOf('\n', end - 1) + 1;
    if (begins(text.slice(start, end))) return [text.slice(0, Math.max(0, start - 1)), text.slice(start)];
    if (start === 0) return ['', text];
    end = start - 1;
  }
}
