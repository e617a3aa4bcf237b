/** Reads attributes, whose types and presence are up to whoever sent them. */
import type { Span } from '../../src/model/trace.ts';

export function textOf(span: Span, name: string): string | undefined {
  const value = span.attributes[name];
  if (value === undefined || value === '') return undefined;
  return Array.isArray(value) ? value.join(', ') : String(value);
}

export function numberOf(span: Span, name: string): number | undefined {
  const value = span.attributes[name];
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && value !== ''
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

export const firstOf = (span: Span, ...names: readonly string[]): string | undefined =>
  names.map((name) => textOf(span, name)).find((text) => text !== undefined);

/** What a database's plan says of one of its nodes, under the names of the database it came from. */
const PLAN_FACTS = {
  rows: 'rows',
  removed: 'rows_removed_by_filter',
  loops: 'loops',
  hit: 'shared_hit_blocks',
  read: 'shared_read_blocks',
} as const;

/** A count of a plan node; per loop, as databases report it. */
export function countOf(span: Span, fact: keyof typeof PLAN_FACTS): number | undefined {
  return numberOf(span, `postgresql.plan.${PLAN_FACTS[fact]}`);
}

export const planTextOf = (
  span: Span,
  fact: 'node_type' | 'relation' | 'filter' | 'index',
): string | undefined => textOf(span, `postgresql.plan.${fact}`);

/** `/cart?step=2` of `https://shop.example/cart?step=2`. */
export function pathOf(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  try {
    const { pathname, search, protocol } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? pathname + search : url;
  } catch {
    return url;
  }
}

/** `212 480`, with thin spaces that do not break. */
export const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, '\u202f');
