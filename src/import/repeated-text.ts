/**
 * UTF-8 to text for data that says the same things over and over (attribute names, hosts, SQL): what was decoded
 * is remembered with its bytes, so that a repetition costs a comparison and no new string.
 *
 * Direct-mapped: one slot a hash, the newest text wins. The bytes are compared, a hash alone is never trusted.
 */
interface Remembered {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const SLOTS = 4_096;
/** Longer texts seldom repeat, and hashing them costs as much as decoding. */
const MAX_BYTES = 192;
const slots: (Remembered | undefined)[] = new Array(SLOTS);
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text in `bytes` from `start` up to `end`; broken UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  if (start === end) return '';
  if (end - start > MAX_BYTES) return utf8.decode(bytes.subarray(start, end));
  const slot = slotOf(bytes, start, end);
  const remembered = slots[slot];
  if (remembered && isEqual(remembered.bytes, bytes, start, end)) return remembered.text;
  const text = utf8.decode(bytes.subarray(start, end));
  // a copy: Buffer's own slice() would share memory that is written again
  slots[slot] = { bytes: new Uint8Array(bytes.subarray(start, end)), text };
  return text;
}

/** FNV-1a, 32 bit. */
function slotOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function isEqual(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[start + i]) return false;
  return true;
}
