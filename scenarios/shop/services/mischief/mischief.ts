/** What a fault does inside a service, as settings tell it. */
export interface Mischief {
  readonly fault: string;
  /** The route before whose handler it happens: `POST /charge`. */
  readonly route: string;
  /** Name of the deed, one of `DEEDS`. */
  readonly deed: string;
  readonly ms: number;
  /** The only process that does it, where a service has several: `web-2`. */
  readonly instance?: string;
  /** What else the deed wants to know. */
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}

export const MISCHIEF_VARIABLE = 'SHOP_MISCHIEF';
