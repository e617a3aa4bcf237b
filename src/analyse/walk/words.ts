/** How the walk puts names, amounts and shares: short, on one line, and right for one and for many. */
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, textAt } from '../tree.ts';

/** Characters of a name in a sentence: more cannot be read aloud. */
const NAME_LENGTH = 60;
const STATEMENT_LENGTH = 110;

/** One line, shortened: names come from whoever sent them. */
export const named = (text: string, length = NAME_LENGTH): string => {
  // Cut first: a name may be of any length, and white space is looked for in what is left.
  const line = text
    .slice(0, length * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
};

/** `“SELECT id FROM …”` */
export const quoted = (text: string): string => `“${named(text, STATEMENT_LENGTH)}”`;

/** `12 %`, `less than 1 %` */
export function shareOf(ns: Nanos, wholeNs: Nanos): string {
  const share = wholeNs > 0 ? (ns / wholeNs) * 100 : 0;
  return share > 0 && share < 1 ? 'less than 1 %' : `${Math.round(share)} %`;
}

/** `a`, `a and b`, `a, b and 4 more` */
export function listed(names: readonly string[], shown = 4): string {
  const few = names.slice(0, shown);
  const rest = names.length - few.length;
  const parts = rest > 0 ? [...few, `${rest} more`] : few;
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

const ORDINAL = ['th', 'st', 'nd', 'rd'] as const;
/** `1st`, `12th`, `23rd` */
export function ordinal(n: number): string {
  const tens = n % 100;
  return `${n}${(tens < 11 || tens > 13 ? ORDINAL[n % 10] : undefined) ?? 'th'}`;
}

/** `6.8 kB` as people say it; exact below a thousand. */
export function bytes(count: number): string {
  if (count < 1_000) return `${count} ${count === 1 ? 'byte' : 'bytes'}`;
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)} kB` : `${(count / 1_000_000).toFixed(1)} MB`;
}

export const total = (parts: readonly { readonly startNs: Nanos; readonly endNs: Nanos }[]): Nanos =>
  parts.reduce((sum, { startNs, endNs }) => sum + endNs - startNs, 0);

export const lengthInWords = (span: Pick<Span, 'startNs' | 'endNs'>): string =>
  formatDuration(span.endNs - span.startNs);

export const textOf = (span: Span | undefined, key: string): string | undefined =>
  span && (textAt(span.attributes, key) || undefined);
export const numberOf = (span: Span | undefined, key: string): number | undefined =>
  span && numberAt(span.attributes, key);

export function textsOf(span: Span, key: string): readonly string[] {
  const value = span.attributes[key];
  return Array.isArray(value) ? (value as unknown[]).map(String) : value === undefined ? [] : [String(value)];
}
