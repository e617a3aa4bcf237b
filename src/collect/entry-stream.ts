/**
 * Cuts a stream of bytes into blocks of whole log entries, in bounded memory.
 *
 * ```
 * // read    |--------chunk--------|--------chunk--------|
 * // lines   |---|-----|----|--------|---|------~~~~~~~~~|
 * // blocks  |--------------|-kept-> |-----------|-kept->      a block ends where the last entry begins
 * ```
 * An entry that is longer than a limit is left out up to its next newline, and told.
 */
import type { LogFormat } from '../import/formats.ts';

export interface Block {
  readonly text: string;
  /** Lines of the stream before the block. */
  readonly linesBefore: number;
}

export interface EntryStreamOptions {
  /** Does a new entry begin with this line? Every line does, unless told otherwise. */
  readonly begins?: LogFormat['begins'] | undefined;
  /** Told of a line, counted from 1, that was too long to be kept. */
  readonly onTooLong: (line: number) => void;
}

/** Large enough that reading and storing cost more than cutting. */
const BLOCK_BYTES = 1024 * 1024;
/** The longest plan or stack trace that anyone logs is far shorter. */
export const MAX_ENTRY_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

export async function* entryBlocks(
  chunks: AsyncIterable<Uint8Array>,
  { begins, onTooLong }: EntryStreamOptions,
): AsyncGenerator<Block> {
  let kept: Uint8Array[] = [];
  let keptBytes = 0;
  let linesBefore = 0;
  let isSkipping = false;
  for await (let chunk of chunks) {
    if (isSkipping) {
      const end = chunk.indexOf(NEWLINE);
      if (end < 0) continue;
      isSkipping = false;
      linesBefore++;
      chunk = chunk.subarray(end + 1);
    }
    kept.push(chunk);
    keptBytes += chunk.length;
    if (keptBytes < BLOCK_BYTES) continue;
    const all = Buffer.concat(kept);
    const cut = lastEntryStart(all, begins);
    if (cut > 0) {
      yield { text: all.toString('utf8', 0, cut), linesBefore };
      linesBefore += newlinesIn(all.subarray(0, cut));
    }
    const rest = all.subarray(cut);
    if (rest.length > MAX_ENTRY_BYTES) {
      linesBefore += newlinesIn(rest);
      onTooLong(linesBefore + 1);
      isSkipping = true;
      [kept, keptBytes] = [[], 0];
    } else [kept, keptBytes] = [[Buffer.from(rest)], rest.length];
  }
  if (keptBytes > 0) yield { text: Buffer.concat(kept).toString(), linesBefore };
}

/** Where the last entry begins, which may still go on: 0 when none begins after the first. */
function lastEntryStart(bytes: Buffer, begins: LogFormat['begins']): number {
  let end = bytes.length;
  for (
    let newline = bytes.lastIndexOf(NEWLINE);
    newline >= 0;
    newline = bytes.lastIndexOf(NEWLINE, newline - 1)
  ) {
    const start = newline + 1;
    if (!begins || (start < end && begins(bytes.toString('utf8', start, end)))) return start;
    end = newline;
    if (newline === 0) break;
  }
  return 0;
}

function newlinesIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
