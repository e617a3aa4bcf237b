/** A sink that remembers, and fails when told to. */
import type { Sink } from '../../src/collect/collector.ts';
import type { ReportedSpan, Warning } from '../../src/model/span.ts';

export class MemorySink implements Sink {
  readonly spans: ReportedSpan[] = [];
  readonly warnings: Warning[] = [];
  accepted = 0;
  isBroken = false;

  accept({ spans, warnings }: { spans: readonly ReportedSpan[]; warnings: readonly Warning[] }): void {
    if (this.isBroken) throw new Error('disk full');
    this.accepted++;
    this.spans.push(...spans);
    this.warnings.push(...warnings);
  }
}

/** Waits until `isTrue`; fails after ten seconds. For what has no other way of telling that it is done. */
export async function until(isTrue: () => boolean): Promise<void> {
  const giveUpMs = Date.now() + 10_000;
  while (!isTrue()) {
    if (Date.now() > giveUpMs) throw new Error('waited 10 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
