/** What the shop's services say to each other. */
export interface Product {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly priceCents: number;
  readonly stock?: number;
}

export interface CartLine {
  readonly product: number;
  readonly quantity: number;
}

export interface Reservation {
  readonly lines: readonly (CartLine & { readonly priceCents: number })[];
}

export interface Charge {
  readonly name: string;
  readonly email: string;
  readonly address: string;
  readonly lines: Reservation['lines'];
}

export interface PlacedOrder {
  readonly order: number;
  readonly items: number;
  readonly totalCents: number;
}
