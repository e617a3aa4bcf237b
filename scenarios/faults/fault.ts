/** One way to make the shop slow or broken for real, and what a good verdict says of it. */
import type { Cause, Layer } from '../../src/model/layer.ts';
import type { ShopSettings } from '../shop/settings.ts';

export interface Fault {
  /** What `--fault` takes. */
  readonly name: string;
  readonly title: string;
  /** How the real part is made slow, in a sentence. */
  readonly how: string;
  /** What a visitor pays for it, in a sentence: once or several times, and on which step. */
  readonly cost: string;
  readonly expected: {
    readonly layer: Layer;
    readonly cause: Cause;
    /** What the blamed component's name must contain, where the fault lies in one component. */
    readonly component?: string;
  };
  /** `failed` when no journey can succeed with it: then only the blame counts, not the time. */
  readonly outcome?: 'ok' | 'failed';
  readonly defaultMs: number;
  /**
   * Where the mechanism alone decides what it costs (a lost SYN is sent again after 1 s), so that asking for another
   * time changes nothing: that cost.
   */
  readonly fixedMs?: number;
  /** Only the first visitor of a shop meets it: whoever wants to meet it again starts another shop. */
  readonly oncePerShop?: boolean;
  /** Asked for instead of the default. */
  readonly ms?: number;
  /**
   * @param ms what a visitor should have to wait longer, in all. What it really was, the part that does it notes with
   *   `noteInjected`; where no part of ours can time it (HAProxy's own timeout), the asked time counts.
   */
  apply(settings: ShopSettings, ms: number): void;
}

export const faultMs = (fault: Fault): number => fault.fixedMs ?? fault.ms ?? fault.defaultMs;
