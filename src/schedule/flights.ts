/** The runs in flight: begun, kept as they go on, and landed in the end. */
import type { Try, WalkedSlot } from '../model/schedule.ts';
import type { Journal } from './journal.ts';
import { type Begin, begun, ended, tried } from './journey-state.ts';
import type { Planned } from './planned.ts';
import { CLOSING_MS, type Clock, type Walk, walkSlot } from './walk-slot.ts';

export interface FlightsOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly walk: Walk;
  planned(): Planned;
  onLanded(): void;
  readonly onBegin?: (slot: WalkedSlot) => void;
  /** After each try, with the slot as it is now. */
  readonly onTry?: (slot: WalkedSlot, last: Try) => void;
  readonly onEnd?: (slot: WalkedSlot) => void;
  readonly onError?: (error: unknown) => void;
}

interface Flight {
  readonly controller: AbortController;
  readonly landed: Promise<void>;
}

/** Closing browsers comes twice at most: once for the walk, once for what it waits for. */
const LANDING_MS = 2 * CLOSING_MS;

export class Flights {
  readonly #options: FlightsOptions;
  readonly #flightByName = new Map<string, Flight>();
  #isLanding = false;

  constructor(options: FlightsOptions) {
    this.#options = options;
  }

  get names(): string[] {
    return [...this.#flightByName.keys()];
  }

  begin(begin: Begin, now: number): void {
    const { journal, walk, clock, onBegin, onTry, onError } = this.#options;
    const { name } = begin.journey;
    const state = begun(journal.of(name)!, begin, now);
    journal.keep(state, now);
    const controller = new AbortController();
    const landed = walkSlot({
      begin,
      walk,
      clock,
      signal: controller.signal,
      mayTryAgain: () => !this.#isLanding && !controller.signal.aborted,
      onTry: (tries) => {
        this.#tell(() => journal.keepFact(tried(journal.of(name)!, tries), clock.now()));
        this.#tell(() => onTry?.(journal.of(name)!.running!, tries.at(-1)!));
      },
    })
      .catch((error: unknown) => onError?.(error))
      .then(() => this.#ended(name, controller.signal.aborted ? 'broken_off' : 'ended'));
    this.#flightByName.set(name, { controller, landed });
    this.#tell(() => journal.note(state.running!));
    this.#tell(() => onBegin?.(state.running!));
  }

  #ended(name: string, how: 'ended' | 'broken_off'): void {
    const { journal, clock, planned, onLanded, onEnd } = this.#options;
    const now = clock.now();
    const state = ended(journal.of(name)!, how, now);
    this.#flightByName.delete(name);
    this.#tell(() => journal.keepEnded(state, planned(), now));
    this.#tell(() => onEnd?.(state.last!));
    onLanded();
  }

  /** What has happened has happened: whoever cannot keep or tell it does not stop what goes on. */
  #tell(part: () => void): void {
    try {
      part();
    } catch (error) {
      this.#options.onError?.(error);
    }
  }

  breakOff(): void {
    for (const { controller } of this.#flightByName.values()) controller.abort();
  }

  /** Lets them land, without another try; breaks off those that take longer. */
  async land(withinMs: number): Promise<void> {
    this.#isLanding = true;
    const landed = Promise.all([...this.#flightByName.values()].map((flight) => flight.landed));
    await this.#atMost(withinMs, landed);
    this.breakOff();
    await this.#atMost(LANDING_MS, landed);
  }

  async #atMost(ms: number, landed: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    await Promise.race([landed, this.#options.clock.sleep(ms, over.signal)]);
    over.abort();
  }
}
