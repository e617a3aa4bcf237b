/**
 * Which of a million texts hold a word, whatever its case. Texts are searched in blocks as they lie, as one long string;
 * letters outside ASCII change length with their case, so a block with any is searched text by text.
 */
import type { Texts } from '../../src/model/columns.ts';

const TEXTS_PER_BLOCK = 4_096;

/** Lower case. One string, whose letters stand where the bytes do, or a list of texts. */
type Block = string | readonly string[];

const blocksByTexts = new WeakMap<Texts, (Block | undefined)[]>();

/** 1 for texts that hold the word, by code. @param word in lower case, without white space */
export function textsWith(texts: Texts, word: string): Uint8Array {
  const found = new Uint8Array(texts.size);
  for (let first = 0; first < texts.size; first += TEXTS_PER_BLOCK) {
    const block = blockAt(texts, first);
    if (typeof block === 'string') searchBlock(texts, block, first, word, found);
    else
      block.forEach((text, i) => {
        if (text.includes(word)) found[first + i] = 1;
      });
  }
  return found;
}

/** A match that runs over the end of its text is none. */
function searchBlock(texts: Texts, block: string, first: number, word: string, found: Uint8Array): void {
  const base = texts.offsets[first] ?? 0;
  let code = first;
  for (let hit = block.indexOf(word); hit >= 0; ) {
    code = codeAt(texts.offsets, base + hit, code, Math.min(first + TEXTS_PER_BLOCK, texts.size));
    const end = (texts.offsets[code + 1] ?? 0) - base;
    const isInside = hit + word.length <= end;
    if (isInside) found[code] = 1;
    hit = block.indexOf(word, isInside ? end : hit + 1);
  }
}

/** The text that holds this byte, found by halving. */
function codeAt(offsets: Int32Array, byte: number, from: number, to: number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((offsets[middle] ?? 0) <= byte) low = middle;
    else high = middle;
  }
  return low;
}

function blockAt(texts: Texts, first: number): Block {
  const blocks = blocksByTexts.get(texts) ?? [];
  if (blocks.length === 0) blocksByTexts.set(texts, blocks);
  const number = first / TEXTS_PER_BLOCK;
  const block = blocks[number] ?? readBlock(texts, first);
  blocks[number] = block;
  return block;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function readBlock(texts: Texts, first: number): Block {
  const last = Math.min(first + TEXTS_PER_BLOCK, texts.size);
  const bytes = texts.bytes.subarray(texts.offsets[first], texts.offsets[last]);
  const text = decoder.decode(bytes);
  const lower = text.toLowerCase();
  // As many letters as bytes: all of it is ASCII.
  if (lower.length === bytes.length && text.length === bytes.length) return lower;
  return Array.from({ length: last - first }, (_, i) => texts.at(first + i).toLowerCase());
}
