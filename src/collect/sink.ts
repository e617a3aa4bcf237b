/** Where receivers put what they have read. */
import type { ImportResult } from '../model/span.ts';

export interface Sink {
  /**
   * Keeps the spans before it returns: what a receiver acknowledges after it must survive a crash.
   * @throws when it could not; the receiver then tells the sender to try again
   */
  accept(result: ImportResult): void;
}
