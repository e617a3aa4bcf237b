/** JSON from strangers: read without loss, and asked for what it may not have. */

export type Json = { readonly [key: string]: unknown };

/** Where a text that is no JSON is complained of. */
interface Complaints {
  malformed(reason: string): void;
}

const QUOTED_CHARS = 200;

/** The value, integers of 16 digits and more as text; undefined, after a complaint, when it is no JSON. */
export function parseJson(text: string, complaints: Complaints): unknown {
  try {
    return JSON.parse(quoteLongIntegers(text));
  } catch (error) {
    complaints.malformed(`not JSON: ${(error as Error).message.slice(0, QUOTED_CHARS)}`);
    return undefined;
  }
}

const LONG_INTEGER_VALUE = /[:,[]\s*-?\d{16,}/;
const STRING_OR_LONG_INTEGER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g;

/** A bare integer of 16 digits and more would lose its last ones in `JSON.parse`: make it a string first. */
function quoteLongIntegers(text: string): string {
  if (!LONG_INTEGER_VALUE.test(text)) return text;
  return text.replace(STRING_OR_LONG_INTEGER, (token) => (token.startsWith('"') ? token : `"${token}"`));
}

/** A 64-bit integer as JSON may hold it; 0 when absent, undefined when it is not one. */
export function int64(value: unknown): bigint | undefined {
  if (value === undefined || value === null || value === '') return 0n;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : undefined;
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const objects = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** NaN when it is none. `Number()` would recurse into lists, which may nest deeper than the stack. */
export function number(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}
