/** What the services ask of the database, whichever it is. */
import type { DatabaseAccess } from './mischief/access.ts';
import type { CartLine, Charge, Product, Reservation } from './shop-types.ts';

export interface ProductRow extends Omit<Product, 'priceCents'> {
  readonly price_cents: number;
}

export interface OrderRow {
  readonly id: number;
  readonly items: number;
  readonly total_cents: number;
}

export interface NewOrder extends Charge {
  readonly totalCents: number;
}

export interface ShopData {
  catalogue(): Promise<ProductRow[]>;
  products(ids: readonly number[]): Promise<ProductRow[]>;
  /** Of all products for null. */
  stock(ids: readonly number[] | null): Promise<{ readonly id: number; readonly stock: number }[]>;
  related(id: number): Promise<ProductRow[]>;
  /** All lines or none, in one transaction: refused when something is sold out. */
  reserve(lines: readonly CartLine[]): Promise<Reservation['lines']>;
  /** How many of the customer's earlier orders came back. */
  earlierReturns(plainEmail: string): Promise<number>;
  /** Adds customer, order and items in one transaction; the order's number. */
  placeOrder(order: NewOrder): Promise<number>;
  order(id: number): Promise<OrderRow | undefined>;
  /** Keeps one connection in a transaction of its own until `work` is done; resolves when it is given back. */
  hold(work: () => Promise<void>): Promise<void>;
  /** For what goes wrong on purpose. */
  readonly access: DatabaseAccess;
  end(): Promise<void>;
}
