/** The browser: its main thread, its queues and timers, and Playwright's own acting and waiting. */
import { HEADER_PAUSE, HEADWATER, LOCAL_ANSWERS } from '../../model/attributes.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import { aroundRequest, REQUEST_PROBLEMS } from './browser-requests.ts';
import { TASK_PROBLEMS, taskBlame } from './browser-tasks.ts';
import { type Blame, type Family, NOBODY } from './rule.ts';

/** Pages use short timers to give the browser air, and for what nobody waits for; a wait above this is felt. */
export const LONG_TIMER_MS = 40;

function blame({ span }: Segment, tree: Tree): Blame | undefined {
  const type = typeOf(span);
  if (span.layer === 'think') return { cause: 'think' };
  if (type === 'action') return actionBlame(span, tree);
  if (type === 'wait') return waitBlame(span);
  if (type === 'task' || type === 'task_part') return taskBlame(span, tree);
  if (type === 'request' || type === 'phase') return requestBlame(span);
  return undefined;
}

/** Nothing is under way but the call itself; what the page does meanwhile is told by its tasks, where they are seen. */
function actionBlame({ name }: Span, { root }: Tree): Blame {
  if (root.attributes[HEADWATER.pageUnseen] === true) return NOBODY;
  return { cause: POLLS.test(name) ? 'browser.polling' : 'browser.automation' };
}

/** Calls that only look: the page was at rest, and the call had yet to notice that what it waits for was there. */
const POLLS = /(^expect$|\.waitFor)/;

function waitBlame(wait: Span): Blame {
  const kind = textAt(wait.attributes, HEADWATER.waitKind) ?? '';
  if (kind === 'timer' && askedMs(wait) >= LONG_TIMER_MS) return { cause: 'browser.slow_timer' };
  return { cause: CAUSE_OF_WAIT[kind] ?? 'browser.automation' };
}

const askedMs = (wait: Span): number => numberAt(wait.attributes, 'headwater.wait.asked_ms') ?? 0;

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

export const browser: Family = {
  blame,
  around: aroundRequest,
  problems: {
    ...TASK_PROBLEMS,
    ...REQUEST_PROBLEMS,
    'browser.slow_timer': {
      what: () => 'the page itself let a timer run out before it went on',
      proof: (spans) => {
        const most = spans.reduce((a, b) => (askedMs(b) > askedMs(a) ? b : a));
        return `A script asked for ${formatDuration(askedMs(most) * 1e6)} and got ${formatDuration(most.endNs - most.startNs)}; nothing else was under way.`;
      },
      next: () =>
        'Find the setTimeout of that length (a debounce, an animation, a retry) and ask whether people need it.',
    },
  },
};
