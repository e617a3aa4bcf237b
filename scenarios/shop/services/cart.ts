/** The cart: a cookie, because two web processes serve one customer in turn. */
import { type Asked, Refusal } from './http-service.ts';
import type { CartLine } from './shop-types.ts';

const MOST_OF_ONE = 20;
const COOKIE = /(?:^|;\s*)cart=([\d.-]*)/;

/** `3.1-5.2`: one of product 3, two of product 5. */
export function cartOf({ headers }: Pick<Asked, 'headers'>): CartLine[] {
  const value = COOKIE.exec(headers.cookie ?? '')?.[1] ?? '';
  const lines = value.split('-').map((pair) => pair.split('.').map(Number));
  return lines.flatMap(([product, quantity]) =>
    isCount(product) && isCount(quantity) ? [{ product, quantity: Math.min(quantity, MOST_OF_ONE) }] : [],
  );
}

const isCount = (value: number | undefined): value is number => Number.isInteger(value) && Number(value) > 0;

export const countOf = (lines: readonly CartLine[]): number =>
  lines.reduce((sum, line) => sum + line.quantity, 0);

export function withProduct(lines: readonly CartLine[], body: unknown): CartLine[] {
  const { product, quantity } = (body ?? {}) as { product?: number; quantity?: number };
  if (!isCount(product) || !isCount(quantity)) throw new Refusal(400, 'Say which product, and how many.');
  const had = lines.find((line) => line.product === product)?.quantity ?? 0;
  const others = lines.filter((line) => line.product !== product);
  return [...others, { product, quantity: Math.min(had + quantity, MOST_OF_ONE) }];
}

export const cartCookie = (lines: readonly CartLine[]): Record<string, string> => ({
  'set-cookie': `cart=${lines.map((l) => `${l.product}.${l.quantity}`).join('-')}; Path=/; HttpOnly; SameSite=Lax`,
});
