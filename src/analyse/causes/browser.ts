/** The browser: its main thread, its queues, and Playwright's own acting and waiting. */
import { HEADER_PAUSE, HEADWATER, LOCAL_ANSWERS } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { textAt, typeOf } from '../tree.ts';
import type { Blame, Family } from './rule.ts';

/** The web platform's own threshold for a long task (https://w3c.github.io/longtasks/). */
export const LONG_TASK_NS = 50e6;
/** Main-thread work of a page on a small machine; a single task above this is felt by a person. */
export const PROBLEM_TASK_NS = 200e6;

function blame({ span }: Segment): Blame | undefined {
  const type = typeOf(span);
  if (span.layer === 'think') return { cause: 'think' };
  if (type === 'action') return { cause: POLLS.test(span.name) ? 'browser.polling' : 'browser.automation' };
  if (type === 'wait')
    return {
      cause: CAUSE_OF_WAIT[textAt(span.attributes, HEADWATER.waitKind) ?? ''] ?? 'browser.automation',
    };
  if (type === 'task') return taskBlame(span);
  if (type === 'request' || type === 'phase') return requestBlame(span);
  return undefined;
}

/** Calls that only look: the page was at rest, and the call had yet to notice that what it waits for was there. */
const POLLS = /(^expect$|\.waitFor)/;

const CAUSE_OF_WAIT: Readonly<Record<string, string>> = {
  timer: 'browser.timer',
  frame: 'browser.next_frame',
  commit: 'browser.navigation_commit',
  checks: 'browser.actionability',
};

/** Words for the time of a request in which no network was at work. */
const CAUSE_OF_PHASE: Readonly<Record<string, string>> = {
  [HEADER_PAUSE]: 'browser.observer',
  [LOCAL_ANSWERS.memory]: 'browser.cache',
  [LOCAL_ANSWERS.disk]: 'browser.cache',
  [LOCAL_ANSWERS['service-worker']]: 'browser.service_worker',
  [`${LOCAL_ANSWERS['service-worker']} start`]: 'browser.service_worker',
};

const requestBlame = ({ name }: Span): Blame => ({
  cause: CAUSE_OF_PHASE[name] ?? 'browser.queue',
  layer: 'browser',
});

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
