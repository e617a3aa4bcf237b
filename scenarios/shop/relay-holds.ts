/**
 * Which answers a relay holds up, and for how long.
 *
 * ```
 * client   |-hello-|              |-again-|            |-request-|
 * server             |··answer 1··|         |··answer 2··|          |-answer 3-|
 *                     held             held, with `answers: 2`      as it comes
 * ```
 * A connection that is opened while another is held up belongs to the same visit and is not counted by itself: a
 * browser opens spare connections, and the visitor waits for one of them.
 */
import { noteInjected } from './injected.ts';
import type { RelayRules } from './relay-rules.ts';

export type Rule = RelayRules & { readonly fault: string };

/** Some of the server's bytes, and how late they leave. */
export interface Piece {
  readonly bytes: Buffer;
  readonly heldMs: number;
  /** Told when they have left. */
  readonly left?: () => void;
}

export function holdsOf(rules: readonly Rule[]) {
  const turnstiles = rules.filter(holdsAnswers).map((rule) => new Turnstile(rule));
  return {
    connection: () => {
      for (const turnstile of turnstiles) turnstile.opened();
      return new HeldConnection(turnstiles);
    },
    serverClosed() {
      for (const turnstile of turnstiles) turnstile.hasClosed = true;
    },
  };
}

const holdsAnswers = ({ firstAnswerMs, firstAnswerBytesPerSecond }: Rule): boolean =>
  firstAnswerMs !== undefined || firstAnswerBytesPerSecond !== undefined;

/** Without any connection for so long, the client is gone, and the next is counted anew: a browser takes longer to start. */
const GONE_MS = 500;

/** Counts the visits of one rule. */
class Turnstile {
  hasClosed = false;
  readonly #rule: Rule;
  #open = 0;
  #emptySinceMs = 0;
  #visits = 0;
  #isHolding = false;

  constructor(rule: Rule) {
    this.#rule = rule;
  }

  opened(): void {
    if (this.#open++ > 0 || performance.now() - this.#emptySinceMs < GONE_MS) return;
    this.#visits = 0;
    this.hasClosed = false;
  }

  closed(): void {
    if (--this.#open === 0) this.#emptySinceMs = performance.now();
  }

  /** Undefined for a connection that the rule leaves alone, by the first bytes of its client. */
  admit(hello: Buffer): Held | undefined {
    const { connections = Infinity, reconnectsOnly = false, host } = this.#rule;
    if (reconnectsOnly && !this.hasClosed) return undefined;
    if (host !== undefined && !hello.includes(serverName(host))) return undefined;
    if (this.#isHolding) return { rule: this.#rule, release: () => {} };
    if (this.#visits >= connections) return undefined;
    this.#visits++;
    this.#isHolding = true;
    return { rule: this.#rule, release: (heldMs) => this.#release(heldMs) };
  }

  /** The time of the connection that leads a visit is the one that is noted. */
  #release(heldMs: number): void {
    this.#isHolding = false;
    if (heldMs > 0) noteInjected(this.#rule.fault, heldMs);
  }
}

/** As a ClientHello has it: the length in two bytes, then the name (RFC 6066 §3). */
const serverName = (host: string): Buffer => Buffer.from(`\0${String.fromCharCode(host.length)}${host}`);

interface Held {
  readonly rule: Rule;
  /** Called once, when the first answer is over, with how long it was held. */
  readonly release: (heldMs: number) => void;
}

/** A server that speaks first has no hello to go by. */
const NOTHING = Buffer.alloc(0);
/** What an Ethernet packet holds: on a slow line, data arrives by and by. */
const PACKET_BYTES = 1_460;

export class HeldConnection {
  readonly #turnstiles: readonly Turnstile[];
  #held: readonly Held[] | undefined;
  #answers = 0;
  #isServerNext = true;
  #answerStartMs = 0;
  #askedMs = 0;
  /** What the server itself took for the first answer. */
  #answeringMs = 0;
  #answerBytes = 0;
  #isReleased = false;
  /** Of the first answer. */
  #firstBytes = 0;
  #reallyHeldMs = 0;

  constructor(turnstiles: readonly Turnstile[]) {
    this.#turnstiles = turnstiles;
  }

  clientSpoke(bytes: Buffer): void {
    this.#admit(bytes);
    if (this.#answers > 0 && !this.#isServerNext) this.#release();
    if (!this.#isServerNext || this.#askedMs === 0) this.#askedMs = performance.now();
    this.#isServerNext = true;
  }

  closed(): void {
    this.#release();
    for (const turnstile of this.#turnstiles) turnstile.closed();
  }

  #admit(hello: Buffer): readonly Held[] {
    this.#held ??= this.#turnstiles.flatMap((turnstile) => turnstile.admit(hello) ?? []);
    return this.#held;
  }

  /** The first answer is over, or will not come. */
  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    const held = this.#held ?? [];
    const planned = held.reduce((sum, { rule }) => sum + heldMs(rule, this.#firstBytes), 0);
    // timers are late on a busy machine: of what it really took, each rule has its share
    const late = planned > 0 ? this.#reallyHeldMs / planned : 0;
    for (const { rule, release } of held) {
      const reallyMs = heldMs(rule, this.#firstBytes) * late;
      release(reallyMs > 0 && rule.isNeedless ? reallyMs + this.#answeringMs : reallyMs);
    }
  }

  serverSpoke(bytes: Buffer): Piece[] {
    if (this.#isServerNext) this.#beginAnswer();
    const mine = this.#admit(NOTHING)
      .map(({ rule }) => rule)
      .filter(({ answers = 1 }) => this.#answers <= answers);
    if (mine.length === 0) return [{ bytes, heldMs: 0 }];
    return slicesFor(mine, bytes).map((slice) => {
      this.#answerBytes += slice.length;
      const startMs = this.#answerStartMs;
      const dueMs = startMs + mine.reduce((sum, rule) => sum + heldMs(rule, this.#answerBytes), 0);
      if (this.#answers > 1) return { bytes: slice, heldMs: Math.max(0, dueMs - performance.now()) };
      this.#firstBytes = this.#answerBytes;
      const left = () => {
        this.#reallyHeldMs = performance.now() - startMs;
      };
      return { bytes: slice, heldMs: Math.max(0, dueMs - performance.now()), left };
    });
  }

  #beginAnswer(): void {
    this.#isServerNext = false;
    this.#answers++;
    this.#answerStartMs = performance.now();
    this.#answerBytes = 0;
    if (this.#answers === 1 && this.#askedMs > 0) this.#answeringMs = this.#answerStartMs - this.#askedMs;
  }
}

/** How much later than it began so much of an answer comes through. */
const heldMs = ({ firstAnswerMs = 0, firstAnswerBytesPerSecond = Infinity }: Rule, bytes: number): number =>
  firstAnswerMs + (bytes / firstAnswerBytesPerSecond) * 1_000;

function slicesFor(rules: readonly Rule[], bytes: Buffer): Buffer[] {
  if (rules.every((rule) => rule.firstAnswerBytesPerSecond === undefined)) return [bytes];
  return Array.from({ length: Math.ceil(bytes.length / PACKET_BYTES) }, (_, i) =>
    bytes.subarray(i * PACKET_BYTES, (i + 1) * PACKET_BYTES),
  );
}
