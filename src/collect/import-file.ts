/**
 * Reads one file, or standard input, of whatever format Headwater knows, plain or gzipped, into the store. Logs are
 * streamed; documents are read as a whole.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { FORMATS, type Format, formatOf, type ImportContext, type LogFormat } from '../import/formats.ts';
import { untimedKind } from '../import/untimed.ts';
import { type WarningGroup, WarningTally } from '../import/warning-tally.ts';
import type { RunExtras } from '../model/run-extras.ts';
import type { ImportResult, ReportedPicture, ReportedSpan, Warning } from '../model/span.ts';
import { entryBlocks, MAX_ENTRY_BYTES } from './entry-stream.ts';

export interface ImportedFile {
  /** As it was named; `-` is standard input. */
  readonly file: string;
  /** The format's name; null when it is none that is known. */
  readonly format: string | null;
  readonly spans: number;
  readonly traces: number;
  readonly warnings: readonly WarningGroup[];
  /** Why nothing could be read of it, in a sentence. */
  readonly error?: string;
}

export interface ImportOptions {
  /** Machine that the file was written on; names its clock. */
  readonly host?: string | undefined;
  readonly keep: (spans: readonly ReportedSpan[]) => void;
  /** Told what a file knows of its runs beside their spans. */
  readonly keepRun?: ((run: RunExtras) => void) | undefined;
  /** Given the pictures of the page that a recording holds. */
  readonly keepPictures?: ((pictures: readonly ReportedPicture[]) => void) | undefined;
  /** Told now and then how far it is; the total is not known of standard input. */
  readonly onProgress?:
    | ((progress: { readonly bytes: number; readonly totalBytes: number }) => void)
    | undefined;
}

/** What the file's own spans say: ids of traces, in the order they were first met. */
export interface ImportOutcome extends ImportedFile {
  readonly traceIds: ReadonlySet<string>;
}

const READ_BYTES = 1024 * 1024;
/** As much text as tells what a file is. */
const HEAD_BYTES = 64 * 1024;
/** A document becomes one string and one tree: beyond this, memory is the limit. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

export async function importFile(file: string, options: ImportOptions): Promise<ImportOutcome> {
  const reading = new Reading(file, options);
  try {
    await reading.run();
    return reading.outcome();
  } catch (error) {
    return reading.outcome(sentenceOf(file, error));
  }
}

/** One file being read. */
class Reading {
  readonly #file: string;
  readonly #options: ImportOptions;
  readonly #context: ImportContext;
  readonly #tally = new WarningTally();
  readonly #traceIds = new Set<string>();
  #format: Format | undefined;
  #spans = 0;

  constructor(file: string, options: ImportOptions) {
    this.#file = file;
    this.#options = options;
    this.#context = { where: file, ...(options.host ? { host: options.host } : {}) };
  }

  async run(): Promise<void> {
    const bytes = unpacked(await openInput(this.#file, this.#options), (warning) =>
      this.#tally.add([warning]),
    );
    const head = await headOf(bytes);
    this.#format = formatOf(head);
    const rest = joined(head, bytes);
    if (this.#format?.kind === 'log') await this.#readLog(this.#format, rest);
    else await this.#readDocument(rest);
  }

  async #readLog(format: LogFormat, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const onTooLong = (line: number) =>
      this.#tally.add([
        {
          code: 'import.line_too_long',
          where: `${this.#file}, line ${line}`,
          message: `an entry of more than ${MAX_ENTRY_BYTES / MEGABYTE} MiB was left out`,
        },
      ]);
    for await (const block of entryBlocks(chunks, { begins: format.begins?.bind(format), onTooLong })) {
      const { spans, warnings } = format.read(block.text, this.#context);
      this.#take({ spans, warnings: warnings.map((warning) => shifted(warning, block.linesBefore)) });
    }
  }

  async #readDocument(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const bytes = await wholeOf(chunks, this.#file);
    if (bytes.length === 0) throw new InputError(`${this.#file} is empty.`);
    const format = this.#format ?? formatOf(bytes);
    const untimed = untimedKind(bytes.subarray(0, HEAD_BYTES).toString());
    if (!format && untimed)
      throw new InputError(
        `${this.#file} is ${untimed}: it says what was done, not how long it took, so there is nothing to draw yet. Run it: headwater replay ${this.#file}`,
      );
    if (!format)
      throw new InputError(`${this.#file} is in no format that Headwater knows: ${knownFormats()}.`);
    this.#format = format;
    this.#take(
      format.kind === 'log'
        ? format.read(bytes.toString(), this.#context)
        : format.read(bytes, this.#context),
    );
  }

  #take({ spans, warnings, runs = [], pictures = [] }: ImportResult): void {
    if (spans.length) this.#keep(spans);
    for (const run of runs) this.#options.keepRun?.(run);
    if (pictures.length) this.#options.keepPictures?.(pictures);
    this.#spans += spans.length;
    for (const { traceId } of spans) this.#traceIds.add(traceId);
    this.#tally.add(warnings);
  }

  #keep(spans: readonly ReportedSpan[]): void {
    try {
      this.#options.keep(spans);
    } catch (error) {
      throw new InputError(`The spans of ${this.#file} could not be stored: ${(error as Error).message}`);
    }
  }

  outcome(error?: string): ImportOutcome {
    return {
      file: this.#file,
      format: this.#format?.name ?? null,
      spans: this.#spans,
      traces: this.#traceIds.size,
      warnings: this.#tally.groups(),
      traceIds: this.#traceIds,
      ...(error === undefined ? {} : { error }),
    };
  }
}

export const knownFormats = (): string => FORMATS.map(({ name }) => name).join(', ');

class InputError extends Error {}

async function openInput(file: string, { onProgress }: ImportOptions): Promise<AsyncGenerator<Uint8Array>> {
  if (file === '-') return counted(process.stdin as AsyncIterable<Uint8Array>, 0, onProgress);
  const found = await stat(file);
  if (found.isDirectory()) throw new InputError(`${file} is a folder: name the files in it.`);
  return counted(createReadStream(file, { highWaterMark: READ_BYTES }), found.size, onProgress);
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  totalBytes: number,
  onProgress: ImportOptions['onProgress'],
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    onProgress?.({ bytes, totalBytes });
    yield chunk;
  }
}

/** Gzip is known by its first bytes; a byte order mark is taken away. A damaged archive is read up to the damage. */
async function* unpacked(
  chunks: AsyncGenerator<Uint8Array>,
  warn: (warning: Warning) => void,
): AsyncGenerator<Uint8Array> {
  const first = await firstBytes(chunks, 3);
  const all = joined(first, chunks);
  if (first[0] === 0x1f && first[1] === 0x8b) yield* gunzipped(all, warn);
  else if (first[0] === 0xef && first[1] === 0xbb && first[2] === 0xbf)
    yield* joined(first.subarray(3), chunks);
  else yield* all;
}

async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  warn: (warning: Warning) => void,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const feeding = feed(gunzip, chunks);
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    const message = `the archive is damaged (${(error as Error).message}); it was read up to there`;
    warn({ code: 'import.damaged_archive', where: 'gzip', message });
  }
  await feeding;
}

async function feed(
  gunzip: NodeJS.WritableStream & { destroyed?: boolean },
  chunks: AsyncIterable<Uint8Array>,
) {
  for await (const chunk of chunks) {
    if (gunzip.destroyed) return;
    if (!gunzip.write(chunk))
      await new Promise((resolve) => gunzip.once('drain', resolve).once('close', resolve));
  }
  gunzip.end();
}

async function firstBytes(chunks: AsyncGenerator<Uint8Array>, count: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  while (size < count) {
    const { done, value } = await chunks.next();
    if (done) break;
    pieces.push(value);
    size += value.length;
  }
  return Buffer.concat(pieces);
}

const headOf = (chunks: AsyncGenerator<Uint8Array>): Promise<Buffer> => firstBytes(chunks, HEAD_BYTES);

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length) yield head;
  yield* rest;
}

async function wholeOf(chunks: AsyncIterable<Uint8Array>, file: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > MAX_DOCUMENT_BYTES)
      throw new InputError(
        `${file} is larger than ${MAX_DOCUMENT_BYTES / MEGABYTE} MiB, which is the most that is read as one document: split it.`,
      );
    pieces.push(chunk);
  }
  return Buffer.concat(pieces);
}

/** Readers count lines from the text that they are given; that text began later in the file. */
const shifted = (warning: Warning, linesBefore: number): Warning =>
  linesBefore === 0
    ? warning
    : {
        ...warning,
        where: warning.where.replace(/, line (\d+)$/, (_, line) => `, line ${Number(line) + linesBefore}`),
      };

function sentenceOf(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof InputError) return message;
  if (code === 'ENOENT') return `There is no file ${file}.`;
  if (code === 'EACCES') return `${file} may not be read: it belongs to somebody else.`;
  return `${file} could not be read: ${message}`;
}
