/** The browser: its main thread, its queues, and Playwright's own acting and waiting. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** The web platform's own threshold for a long task (https://w3c.github.io/longtasks/). */
export const LONG_TASK_NS = 50e6;
/** Main-thread work of a page on a small machine; a single task above this is felt by a person. */
export const PROBLEM_TASK_NS = 200e6;

function blame({ span }: Segment): Blame | undefined {
  const type = typeOf(span);
  if (span.layer === 'think') return { cause: 'think' };
  if (type === 'action') return { cause: 'browser.automation' };
  if (type === 'task') return taskBlame(span);
  if (type === 'request' || type === 'phase') return { cause: 'browser.queue', layer: 'browser' };
  return undefined;
}

function taskBlame(task: Span): Blame {
  const ns = task.endNs - task.startNs;
  if (ns >= PROBLEM_TASK_NS) return { cause: 'browser.long_task' };
  return { cause: 'browser.main_thread' };
}

const longest = (spans: readonly Span[]): Span =>
  spans.reduce((a, b) => (b.endNs - b.startNs > a.endNs - a.startNs ? b : a));

export const browser: Family = {
  blame,
  problems: {
    'browser.long_task': {
      what: () => "one task kept the page's main thread busy",
      proof: (spans) =>
        `"${longest(spans).name}" ran for ${formatDuration(longest(spans).endNs - longest(spans).startNs)} without a break.`,
      next: () => 'Split the work, or move it off the main thread; record a CPU profile of this step.',
    },
  },
};
