/**
 * A witness that asks a backend for the run's trace while the run settles.
 *
 * ```
 * // journey |--------|
 * // asked            ^ ^  ^    ^      ^      ^        gently: the pause doubles up to a second
 * // told               .  .    12     .      3        only what was not told, and not known, before
 * ```
 * The traces that the run's requests name (stitch/named-traces.ts) are asked for in the same way.
 * Asking goes on beside the settling: a backend that hangs holds nothing up. One that cannot be reached is one warning.
 */
import type { ReportedSpan, Warning } from '../model/span.ts';
import type { Testimony, Witness } from '../run/witness.ts';
import { namedTraceIds } from '../stitch/named-traces.ts';
import { atOnce } from './at-once.ts';
import { type BackendAddress, openBackend, type TraceBackend } from './trace-backend.ts';

/** Short enough not to be noticed, long enough not to be felt by the backend. */
const FIRST_PAUSE_MS = 250;
/** Backends take a second and more to make what they received findable; asking more often finds nothing more. */
const LONGEST_PAUSE_MS = 1_000;

/** Each is a question; the first ones of a page are its document and what that needs. */
const MAX_NAMED = 100;
/** Of a suite, thousands of traces may be asked for again and again: in turns. */
const MAX_OPEN = 8;

export interface PullOptions {
  readonly address: BackendAddress;
  /** What is stored of the trace already, by whatever way it came. */
  readonly known: (traceId: string) => readonly ReportedSpan[];
}

export function pullWitness(options: PullOptions): Witness {
  const pullsByRun = new Map<string, readonly Pull[]>();
  const questions = new Questions(options.address);
  const pullsOf = (traceId: string): readonly Pull[] => {
    const named = [...namedTraceIds(options.known(traceId))].slice(0, MAX_NAMED);
    return [traceId, ...named].map((id) => new Pull(id, options, questions));
  };
  return {
    name: `traces at ${options.address.url}`,
    begin: async () => pullsByRun.clear(),
    ask: async (traceId) => {
      const pulls = pullsByRun.get(traceId) ?? pullsOf(traceId);
      pullsByRun.set(traceId, pulls);
      const told: Testimony[] = [];
      await atOnce(pulls, async (pull) => void told.push(await pull.testimony()));
      return {
        spans: told.flatMap(({ spans }) => spans),
        warnings: oncePerText(told.flatMap(({ warnings }) => warnings)),
      };
    },
  };
}

/** Every one of many questions is refused for the same reason. */
const oncePerText = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(
    warnings.map((warning) => [`${warning.code} ${warning.where} ${warning.message}`, warning]),
  ).values(),
];

/** All that are open at one backend, which is looked for once. */
class Questions {
  readonly #address: BackendAddress;
  #backend: Promise<TraceBackend> | undefined;
  #open = 0;

  constructor(address: BackendAddress) {
    this.#address = address;
  }

  get mayAskMore(): boolean {
    return this.#open < MAX_OPEN;
  }

  async ask(traceId: string): ReturnType<TraceBackend['ask']> {
    this.#open++;
    this.#backend ??= openBackend(this.#address);
    try {
      const backend = await this.#backend.catch((error: unknown) => {
        this.#backend = undefined;
        throw error;
      });
      return await backend.ask(traceId);
    } finally {
      this.#open--;
    }
  }
}

/** The asking for one trace. */
class Pull {
  readonly traceId: string;
  readonly #options: PullOptions;
  readonly #questions: Questions;
  readonly #told = new Set<string>();
  readonly #warned = new Set<string>();
  #spans: ReportedSpan[] = [];
  #warnings: Warning[] = [];
  #asking: Promise<void> | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #nextMs = 0;

  constructor(traceId: string, options: PullOptions, questions: Questions) {
    this.traceId = traceId;
    this.#options = options;
    this.#questions = questions;
  }

  /** What came in since; waits for the answer to the first question only. */
  async testimony(): Promise<Testimony> {
    const isFirst = this.#nextMs === 0;
    const isDue = isFirst || (performance.now() >= this.#nextMs && this.#questions.mayAskMore);
    if (!this.#asking && isDue) this.#asking = this.#ask();
    if (isFirst) await this.#asking;
    const told = { spans: this.#spans, warnings: this.#warnings };
    [this.#spans, this.#warnings] = [[], []];
    return told;
  }

  async #ask(): Promise<void> {
    try {
      const answer = await this.#questions.ask(this.traceId);
      if (answer) this.#take(answer.spans, answer.warnings);
    } catch (error) {
      const where = this.#options.address.url;
      this.#warn([{ code: 'pull.failed', where, message: (error as Error).message }]);
    } finally {
      this.#asking = undefined;
      this.#nextMs = performance.now() + this.#pauseMs;
      this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  #take(spans: readonly ReportedSpan[], warnings: readonly Warning[]): void {
    this.#warn(warnings);
    const mine = spans.flatMap((span) => this.#ofThisTrace(span) ?? []);
    const untold = mine.filter((span) => !this.#told.has(keyOf(span)));
    if (!untold.length) return;
    const known = new Set(this.#options.known(this.traceId).map(keyOf));
    for (const span of untold) {
      this.#told.add(keyOf(span));
      if (!known.has(keyOf(span))) this.#spans.push(span);
    }
  }

  /** A service that counts in 64 bits keeps the right half of the trace id. */
  #ofThisTrace(span: ReportedSpan): ReportedSpan | undefined {
    if (span.traceId === this.traceId) return span;
    const isHalf = span.traceId === this.traceId.slice(16).padStart(32, '0');
    return isHalf ? { ...span, traceId: this.traceId } : undefined;
  }

  /** Each warning once: the same trace is read again and again. */
  #warn(warnings: readonly Warning[]): void {
    for (const warning of warnings) {
      const key = `${warning.code} ${warning.where} ${warning.message}`;
      if (this.#warned.has(key)) continue;
      this.#warned.add(key);
      this.#warnings.push(warning);
    }
  }
}

/** Client and server may share one span id. */
const keyOf = ({ spanId, kind }: ReportedSpan): string => `${spanId}/${kind === 'server'}`;
