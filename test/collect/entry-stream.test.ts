import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Block,
  type EntryStreamOptions,
  entryBlocks,
  MAX_ENTRY_BYTES,
} from '../../src/collect/entry-stream.ts';

async function* chunked(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function blocksOf(text: string, size: number, begins?: EntryStreamOptions['begins']) {
  const blocks: Block[] = [];
  const tooLong: number[] = [];
  const options = { begins, onTooLong: (line: number) => tooLong.push(line) };
  for await (const block of entryBlocks(chunked(Buffer.from(text), size), options)) blocks.push(block);
  return { blocks, tooLong };
}

const linesIn = (text: string) => text.split('\n').length - 1;
const HALF_MEGABYTE = 512 * 1024;

describe('blocks', () => {
  it('are the whole stream, cut at newlines, however it is chunked', async () => {
    const lines = fc.array(fc.string({ maxLength: 30, unit: 'grapheme' }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: HALF_MEGABYTE }), async (some, size) => {
        const text = `${some.join('\n').padEnd(200, '.')}\n`.repeat(Math.ceil((3 * HALF_MEGABYTE) / 200));
        const { blocks, tooLong } = await blocksOf(text, Math.max(size, 4_096));
        expect(blocks.map((block) => block.text).join('') === text).toBe(true);
        expect(blocks.length).toBeGreaterThan(1);
        for (const block of blocks.slice(0, -1)) expect(block.text.endsWith('\n')).toBe(true);
        let lines = 0;
        for (const block of blocks) {
          expect(block.linesBefore).toBe(lines);
          lines += linesIn(block.text);
        }
        expect(tooLong).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('do not part the lines of one entry', async () => {
    const entry = `# Time: now\n${'-- a line of it\n'.repeat(50)}`;
    const { blocks } = await blocksOf(entry.repeat(4_000), 100_000, (line) => line.startsWith('# Time'));
    expect(blocks.length).toBeGreaterThan(2);
    for (const { text } of blocks)
      expect([text.startsWith('# Time'), text.length % entry.length]).toEqual([true, 0]);
  });

  it('leave out a line that is longer than anyone logs, and go on after it', async () => {
    const long = 'x'.repeat(MAX_ENTRY_BYTES + 2 * HALF_MEGABYTE);
    const { blocks, tooLong } = await blocksOf(`one\ntwo\n${long}\nfour\n`, HALF_MEGABYTE);
    expect(blocks).toEqual([
      { text: 'one\ntwo\n', linesBefore: 0 },
      { text: 'four\n', linesBefore: 3 },
    ]);
    expect(tooLong).toEqual([3]);
  });

  it('hold a last line without its newline', async () => {
    expect((await blocksOf('one\ntwo', 3)).blocks).toEqual([{ text: 'one\ntwo', linesBefore: 0 }]);
    expect((await blocksOf('', 3)).blocks).toEqual([]);
  });
});
