/** One slot walked: a try, and more of them while they fail. Each try has a limit, however stuck its browser is. */
import type { Try } from '../model/schedule.ts';
import type { Begin } from './journey-state.ts';

export interface Clock {
  /** Unix ms. */
  now(): number;
  /** Resolves after the time, or as soon as the signal is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface WalkOrder extends Begin {
  /** From 1. */
  readonly attempt: number;
  /** No other one follows if it fails. */
  readonly isLastAttempt: boolean;
}

export type Walked = Pick<Try, 'status' | 'wallNs' | 'sentence'> & { readonly traceId: string };

/** Walks a journey once. When the signal is aborted it is to end soon, in whatever way. */
export type Walk = (order: WalkOrder, signal: AbortSignal) => Promise<Walked>;

export interface SlotWalk {
  readonly begin: Begin;
  readonly walk: Walk;
  readonly clock: Clock;
  /** Aborted when the schedule cannot wait any longer. */
  readonly signal: AbortSignal;
  mayTryAgain(): boolean;
  onTry(tries: readonly Try[]): void;
}

/** The walk knows its journey's timeout and says best what happened; this much later it is taken for stuck. */
const STUCK_AFTER_MS = 60_000;
/** What is aborted closes its browser first. */
export const CLOSING_MS = 15_000;

export async function walkSlot({ begin, mayTryAgain, onTry, ...rest }: SlotWalk): Promise<void> {
  const tries: Try[] = [];
  const most = begin.journey.retries + 1;
  for (let attempt = 1; attempt <= most; attempt++) {
    const order = { ...begin, attempt, isLastAttempt: attempt === most };
    tries.push(await oneTry(order, rest));
    onTry([...tries]);
    if (tries.at(-1)?.status === 'ok' || !mayTryAgain()) return;
  }
}

type TryParts = Pick<SlotWalk, 'walk' | 'clock' | 'signal'>;

async function oneTry(order: WalkOrder, { walk, clock, signal }: TryParts): Promise<Try> {
  const begunUnixMs = clock.now();
  const stuck = new AbortController();
  const over = new AbortController();
  const aborted = AbortSignal.any([signal, stuck.signal]);
  const walked = walk(order, aborted).catch((error: unknown) => ({ error: messageOf(error) }));
  const limit = clock.sleep(order.journey.timeoutMs + STUCK_AFTER_MS, over.signal).then(() => stuck.abort());
  const gaveUp = untilAborted(aborted, over.signal)
    .then(() => clock.sleep(CLOSING_MS, over.signal))
    .then(() => ({ error: 'It was broken off and did not end.' }));
  const result = await Promise.race([walked, gaveUp]);
  const wasStuck = stuck.signal.aborted;
  over.abort();
  await limit;
  const times = { begunUnixMs, endedUnixMs: clock.now() };
  if ('error' in result) return { traceId: null, status: 'failed', ...times, error: result.error };
  const why = signal.aborted ? 'The schedule was stopped.' : wasStuck ? 'It took too long.' : undefined;
  return { ...result, ...times, ...(why !== undefined && result.status === 'failed' && { error: why }) };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Resolves when the first is aborted, and also when the second is, so that nobody waits for ever. */
const untilAborted = (signal: AbortSignal, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    for (const one of [signal, over]) {
      if (one.aborted) resolve();
      one.addEventListener('abort', () => resolve(), { once: true, signal: over });
    }
    over.addEventListener('abort', () => resolve(), { once: true });
  });
