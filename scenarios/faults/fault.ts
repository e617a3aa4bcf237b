/** One way to make the shop slow for real, and what a good verdict says of it. */
import type { Cause, Layer } from '../../src/model/layer.ts';
import type { ShopSettings } from '../shop/settings.ts';

export interface Fault {
  /** What `--fault` takes. */
  readonly name: string;
  readonly title: string;
  /** How the real part is made slow, in a sentence. */
  readonly how: string;
  readonly expected: { readonly layer: Layer; readonly cause: Cause };
  readonly defaultMs: number;
  /** Asked for instead of the default. */
  readonly ms?: number;
  apply(settings: ShopSettings, ms: number): void;
}

export const faultMs = (fault: Fault): number => fault.ms ?? fault.defaultMs;
