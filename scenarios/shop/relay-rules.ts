/** What a TCP relay between two parts of the shop does to the bytes that it passes on. */
export const HOPS = [
  'browser → proxy',
  'proxy → web',
  'web → inventory',
  'web → payment',
  'services → database',
  'payment → database',
] as const;
export type Hop = (typeof HOPS)[number];

export interface RelayRules {
  /** Every piece of data arrives this much later, in both directions: a longer way. */
  readonly oneWayMs?: number;
  /** Somebody waits for everything that goes over this way: what each message was late by is noted. */
  readonly isWaitedFor?: boolean;
  /** The first answer of the server on a connection waits this long. */
  readonly firstAnswerMs?: number;
  /** How fast the bytes of that answer come through. */
  readonly firstAnswerBytesPerSecond?: number;
  /** Without the fault nobody would have had to ask for that answer: what the server itself took for it counts too. */
  readonly isNeedless?: boolean;
  /** How many answers are held like the first: the server speaks, the client does, and the server again. */
  readonly answers?: number;
  /** How many connections have their first answer held, counted from the first of each client; all when missing. */
  readonly connections?: number;
  /** Of them, only connections that are opened after the server has closed one … */
  readonly reconnectsOnly?: boolean;
  /** … and whose TLS hello names this host. */
  readonly host?: string;
  /** So many of the client's pieces that begin with this text are lost on the way. */
  readonly lost?: { readonly text: string; readonly times: number };
  /** How fast the server's bytes come through. */
  readonly bytesPerSecond?: number;
  /** So much comes at full speed after a pause, and only the rest at that rate; none when missing. */
  readonly burstBytes?: number;
  /** The first to connect finds the accept queue full, and the first packet dropped; full for so long (Linux). */
  readonly fullQueueMs?: number;
}

export interface Relay {
  readonly fault: string;
  readonly hop: Hop;
  readonly rules: RelayRules;
}
