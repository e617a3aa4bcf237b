/**
 * Follows a log file that another program writes, and hands over its whole lines.
 *
 * ```
 * //            |---- before ----|------ read ------|~~ partial ~~|
 * //            0                offset at start    last newline  end: kept until its newline is there
 * ```
 * Survives the file being absent at first, truncated (read again from 0) and rotated (the old one is read to its end,
 * the new one from 0). The folder is watched, and polled besides, because not every file system tells of changes.
 */
import { type FSWatcher, statSync, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

export interface FileTailOptions {
  /** Byte to start at; by default the file's end at the moment of the call. */
  readonly fromOffset?: number;
  /** Called with one or more whole lines, newline-separated. When it throws, the lines are offered again. */
  readonly onLines: (lines: string) => void;
  readonly onError: (error: Error) => void;
}

/** In case the system does not tell of a change. */
const POLL_MS = 50;
const READ_BYTES = 256 * 1024;
/** A line longer than this is no log line: it is dropped up to its newline. */
const MAX_LINE_BYTES = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
}

export class FileTail {
  readonly path: string;
  readonly #options: FileTailOptions;
  #file: OpenFile | undefined;
  #offset: number;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #reading: Promise<void> = Promise.resolve();
  #isQueued = false;
  #isStopped = false;
  readonly #poll: NodeJS.Timeout;
  readonly #watcher: FSWatcher | undefined;

  constructor(path: string, options: FileTailOptions) {
    this.path = path;
    this.#options = options;
    this.#offset = options.fromOffset ?? statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    this.#poll = setInterval(() => this.#queueRead(), POLL_MS);
    this.#watcher = this.#watch();
    this.#queueRead();
  }

  /** Reads to the end that the file has now. */
  async flush(): Promise<void> {
    if (this.#isStopped) return;
    this.#reading = this.#reading.then(() => this.#read());
    await this.#reading;
  }

  async stop(): Promise<void> {
    clearInterval(this.#poll);
    this.#watcher?.close();
    await this.flush();
    this.#isStopped = true;
    await this.#file?.handle.close();
    this.#file = undefined;
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(dirname(this.path), (_, name) => {
        if (name === null || name === basename(this.path)) this.#queueRead();
      });
      // the poll goes on without it
      return watcher.on('error', () => watcher.close());
    } catch {
      return undefined;
    }
  }

  /** At most one read runs and one waits, however many changes are told. */
  #queueRead(): void {
    if (this.#isQueued || this.#isStopped) return;
    this.#isQueued = true;
    this.#reading = this.#reading.then(() => {
      this.#isQueued = false;
      return this.#read();
    });
  }

  async #read(): Promise<void> {
    try {
      const found = await stat(this.path).catch(() => undefined);
      if (this.#file && this.#file.inode !== found?.ino) await this.#leaveOldFile();
      if (!found) return;
      this.#file ??= { handle: await open(this.path, 'r'), inode: found.ino };
      if (found.size < this.#offset) this.#startAgain();
      await this.#readToEnd(this.#file.handle);
    } catch (error) {
      this.#options.onError(error as Error);
    }
  }

  /** Rotated away or deleted: what was written before that still belongs to us. */
  async #leaveOldFile(): Promise<void> {
    const { handle } = this.#file as OpenFile;
    await this.#readToEnd(handle);
    this.#file = undefined;
    this.#startAgain();
    await handle.close();
  }

  #startAgain(): void {
    this.#offset = 0;
    this.#forgetPartial();
  }

  #forgetPartial(): void {
    this.#partial = [];
    this.#partialBytes = 0;
  }

  async #readToEnd(handle: FileHandle): Promise<void> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafe(READ_BYTES),
        0,
        READ_BYTES,
        this.#offset,
      );
      if (bytesRead === 0) return;
      this.#take(buffer.subarray(0, bytesRead));
      this.#offset += bytesRead;
    }
  }

  /** Lines are cut as bytes: a character may be split between two reads, a newline cannot. */
  #take(piece: Buffer): void {
    const end = piece.lastIndexOf(NEWLINE);
    if (end >= 0) {
      this.#options.onLines(Buffer.concat([...this.#partial, piece.subarray(0, end)]).toString());
      this.#forgetPartial();
    }
    const rest = piece.subarray(end + 1);
    if (!rest.length) return;
    this.#partial.push(Buffer.from(rest));
    this.#partialBytes += rest.length;
    if (this.#partialBytes > MAX_LINE_BYTES) {
      this.#forgetPartial();
      this.#options.onError(
        new Error(`${this.path} has a line of more than ${MAX_LINE_BYTES} bytes; it is left out.`),
      );
    }
  }
}
