/**
 * The fields of Headwater's HAProxy log line, typed. HAProxy prints `-` for what it does not know and −1 for a timer
 * that did not run; both are `undefined` here. Names are HAProxy's own (configuration manual, 8.2.4).
 */
export interface HaproxyFields {
  /** Unix µs stamps, taken in rules; undefined when the config does not take them or the request never got there. */
  readonly reqUs: bigint | undefined;
  readonly rspUs: bigint | undefined;
  readonly logUs: bigint | undefined;
  /** Accept date of the connection in ms, and the timers of this request in ms. */
  readonly acceptMs: number | undefined;
  readonly Th: number | undefined;
  readonly Ti: number | undefined;
  readonly TR: number | undefined;
  readonly Tw: number | undefined;
  readonly Tc: number | undefined;
  readonly Tr: number | undefined;
  readonly Td: number | undefined;
  readonly Ta: number | undefined;
  readonly Tt: number | undefined;
  /** How often a server was tried again. */
  readonly retries: number;
  readonly isRedispatched: boolean;
  /** Four characters, `----` when all went well. */
  readonly terminationState: string;
  /** Everything, as it was printed. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export function haproxyFields(raw: Readonly<Record<string, unknown>>): HaproxyFields {
  const accSeconds = count(raw.acc_s);
  const rc = text(raw.rc) ?? '0';
  return {
    reqUs: stampUs(raw.req_us),
    rspUs: stampUs(raw.rsp_us),
    logUs: stampUs(raw.log_us),
    acceptMs: accSeconds === undefined ? undefined : accSeconds * 1_000 + (count(raw.acc_ms) ?? 0),
    Th: count(raw.Th),
    Ti: count(raw.Ti),
    TR: count(raw.TR),
    Tw: count(raw.Tw),
    Tc: count(raw.Tc),
    Tr: count(raw.Tr),
    Td: count(raw.Td),
    Ta: count(raw.Ta),
    Tt: count(raw.Tt),
    retries: Number.parseInt(rc.replace('+', ''), 10) || 0,
    isRedispatched: rc.startsWith('+'),
    terminationState: text(raw.ts) ?? '----',
    raw,
  };
}

/** A number that is 0 or more, from a number or its text. */
export function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : undefined;
}

/** A text, unless HAProxy had nothing to say: `-`, `<NOSRV>`, empty. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !/^(-|<NOSRV>|)$/.test(value) ? value : undefined;
}

const stampUs = (value: unknown): bigint | undefined =>
  (typeof value === 'string' || typeof value === 'number') && /^\d{10,17}$/.test(String(value))
    ? BigInt(value)
    : undefined;
