/** What is left of a run of which something was dropped, in one sentence. */
import { droppedText } from '../model/keeping.ts';
import type { RunSummary } from '../model/report.ts';

type Left = Pick<RunSummary, 'traceId' | 'dropped'>;

/** Undefined as long as its spans are there. */
export function leftOver({ traceId, dropped }: Left): string | undefined {
  const told = droppedText(dropped);
  if (dropped?.report)
    return `Only the row of run ${traceId.slice(0, 8)} is kept, with its layers and steps: ${told}.`;
  if (dropped?.spans)
    return `Run ${traceId.slice(0, 8)} cannot be drawn any more: ${told}. Its verdict, ledger and steps are kept.`;
  return undefined;
}
