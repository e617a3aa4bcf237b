/** One scheduler for one store: a second one would walk everything twice. */
import type { RecordStore } from './records.ts';

const KIND = 'schedule_holder';
const KEY = 'holder';
const TELL_EVERY_MS = 20_000;
/** Whoever has not told for this long is gone, whatever program has its number now. */
const GONE_AFTER_MS = 90_000;

interface Holder {
  readonly pid: number;
}

/**
 * @returns how to let it go
 * @throws Error with a sentence when another process holds it
 */
export function holdSchedule(store: RecordStore, pid: number): () => void {
  const held = store.record(KIND, KEY);
  const holder = held?.body as Holder | undefined;
  const isRecent = held !== undefined && Date.now() - held.atUnixMs < GONE_AFTER_MS;
  if (holder && isRecent && holder.pid !== pid && isAlive(holder.pid))
    throw new Error(`Another headwater schedule (process ${holder.pid}) walks from this store already.`);
  const tell = (): void => store.keepRecord(KIND, { key: KEY, atUnixMs: Date.now(), body: { pid } });
  tell();
  const timer = setInterval(() => {
    try {
      tell();
    } catch {
      // The disk is full or the store is locked: the next time may do, and the loop says what it meets.
    }
  }, TELL_EVERY_MS);
  return () => {
    clearInterval(timer);
    store.dropRecord(KIND, KEY);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
