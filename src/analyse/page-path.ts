/**
 * The critical path through the page: which request or main-thread task a step was waiting for.
 *
 * ```
 * // step      |--------------------------------------------------|
 * // action     |------------------------------------------------|     Playwright's call
 * // request      |-----------|        |---------|
 * // task                      |-------|          |---------|           script that parsed, script that rendered
 * ```
 * From the end of the step backwards: the last request or task that had finished; then, from its start, what made it
 * start: the task that was running at that instant, the request that initiated it, else the last thing that had
 * finished. What neither covers was Playwright acting or polling (an action covers it), or nobody knows.
 */
import { HEADWATER, PHASES, type SpanType } from '../model/attributes.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import type { BackwardPath } from './segment.ts';
import { walkSpan } from './span-path.ts';
import { spansOfType, type Tree, textAt, typeOf } from './tree.ts';

interface PageActivity {
  /** Requests that took time, by end; of one that is never meant to end, the phases until its answer began. */
  readonly requests: readonly Span[];
  /** The others: whole requests, by end. */
  readonly answered: readonly Span[];
  /** Main-thread tasks that took time, by end; they do not overlap on one thread, and are searched as if there were one. */
  readonly tasks: readonly Span[];
  /** Playwright's calls, by end. */
  readonly actions: readonly Span[];
  /** What idle time was waiting for, by end. */
  readonly waits: readonly Span[];
  /** For each of `waits`, when the earliest of it and those after it began. */
  readonly waitsBeginNs: readonly Nanos[];
}

const activityByTree = new WeakMap<Tree, PageActivity>();

function activityOf(tree: Tree): PageActivity {
  const known = activityByTree.get(tree);
  if (known) return known;
  const byEnd = (type: SpanType) => [...spansOfType(tree, type)].sort(earliestEndFirst);
  const isAtWork = (span: Span) => span.endNs > span.startNs;
  const asked = byEnd('request').filter((span) => isAtWork(span) && !isPing(span));
  const answered = asked.filter((span) => !isStream(span));
  const openings = asked.filter(isStream).flatMap((span) => openingOf(span, tree));
  const requests = [...answered, ...openings].sort(earliestEndFirst);
  const tasks = byEnd('task').filter(isAtWork);
  const [actions, waits] = [byEnd('action'), byEnd('wait')];
  const activity = { requests, answered, tasks, actions, waits, waitsBeginNs: earliestStartsFrom(waits) };
  activityByTree.set(tree, activity);
  return activity;
}

function earliestStartsFrom(spans: readonly Span[]): Nanos[] {
  const earliest: Nanos[] = new Array(spans.length);
  let earliestNs = Number.POSITIVE_INFINITY;
  for (let i = spans.length - 1; i >= 0; i--) {
    earliestNs = Math.min(earliestNs, spans[i]!.startNs);
    earliest[i] = earliestNs;
  }
  return earliest;
}

/** `sendBeacon`, `<a ping>`: sent so that nobody has to wait for an answer. */
const isPing = (request: Span): boolean => typeOfResource(request) === 'ping';

/** An `EventSource` ends when its page does, and nobody waits for that. */
const isStream = (request: Span): boolean => typeOfResource(request) === 'eventsource';

const openingOf = (stream: Span, tree: Tree): readonly Span[] =>
  tree.childrenOf(stream).filter((child) => typeOf(child) === 'phase' && child.name !== PHASES.download);

const typeOfResource = ({ attributes }: Span): string | undefined =>
  textAt(attributes, 'headwater.resource_type');

const earliestEndFirst = (a: Span, b: Span): number => a.endNs - b.endNs;

export function walkPage(tree: Tree, owner: Span, lowNs: Nanos, highNs: Nanos, path: BackwardPath): void {
  const page = activityOf(tree);
  let cursor = highNs;
  let left: Span | undefined;
  while (cursor > lowNs) {
    const pause = pauseAt(page, cursor) ?? (left && timerBefore(page, left, cursor));
    if (pause) {
      const startNs = Math.min(Math.max(setAtNs(page, pause), lowNs), cursor);
      path.add(pause, startNs, cursor, 'self');
      cursor = startNs;
      left = undefined;
      continue;
    }
    const item =
      wokenBy(tree, page, left, cursor) ?? lastFinished(page, cursor, lowNs) ?? pending(page, owner, cursor);
    const endNs = item ? Math.min(item.endNs, cursor) : lowNs;
    addIdle(page, owner, Math.max(endNs, lowNs), cursor, path);
    if (!item || endNs <= lowNs) return;
    const startNs = Math.max(item.startNs, lowNs, item.endNs <= cursor ? answeredMeanwhileNs(page, item) : 0);
    walkSpan(tree, item, startNs, endNs, path);
    cursor = startNs;
    left = item;
  }
}

/** A wait that the journey itself asked for: whatever else went on meanwhile, nobody waited for it. */
function pauseAt(page: PageActivity, cursor: Nanos): Span | undefined {
  const action = firstEndingFrom(page.actions, cursor);
  return action && action.layer === 'think' && action.startNs < cursor ? action : undefined;
}

/** What was running when `left` began and made it begin; it need not have finished. */
function wokenBy(tree: Tree, page: PageActivity, left: Span | undefined, cursor: Nanos): Span | undefined {
  const task = firstEndingFrom(page.tasks, cursor);
  if (task && task.startNs < cursor && task !== left) return task;
  const initiator = left && textAt(left.attributes, HEADWATER.initiator);
  const request = tree.spanNamed(initiator);
  return request && request !== left && request.startNs < cursor && request.endNs > cursor
    ? request
    : undefined;
}

/**
 * The timer that let `left` begin when it fired: whatever else went on meanwhile, this was waited for. Not where an
 * answer came in while it ran: then the page may have been looking whether it was there.
 * ```
 * // timer   |set--------------fired|
 * // task          |--|  |-|              somebody looked at the page
 * // left                           |-----
 * ```
 */
function timerBefore(page: PageActivity, left: Span, cursor: Nanos): Span | undefined {
  const { waits, answered, tasks } = page;
  const task = firstEndingFrom(tasks, cursor);
  if (task && task.startNs < cursor && task !== left) return undefined;
  for (let i = indexEndingFrom(waits, cursor - BEGUN_WITHIN_NS); i < waits.length; i++) {
    const wait = waits[i]!;
    if (wait.endNs > cursor + BEGUN_WITHIN_NS) return undefined;
    const answer = lastEndingBy(answered, wait.endNs);
    const isUndisturbed = !answer || answer.endNs <= wait.startNs;
    if (kindOf(wait) === 'timer' && wait.startNs < cursor - BEGUN_WITHIN_NS && isUndisturbed) return wait;
  }
  return undefined;
}

/** The task that set a timer goes on after that, and has its time to its end. */
function setAtNs({ tasks }: PageActivity, wait: Span): Nanos {
  if (typeOf(wait) !== 'wait') return wait.startNs;
  const task = firstEndingFrom(tasks, wait.startNs);
  return task && task.startNs <= wait.startNs ? Math.min(task.endNs, wait.endNs) : wait.startNs;
}

/** The latest of requests and tasks that had finished; a request counts as finished within its source's precision. */
function lastFinished(page: PageActivity, cursor: Nanos, lowNs: Nanos): Span | undefined {
  const request = lastEndingBy(page.requests, cursor);
  const task = lastEndingBy(page.tasks, cursor);
  const later = !request || (task && task.endNs > request.endNs) ? task : request;
  return later && later.endNs > lowNs ? later : undefined;
}

/** A frame at 60 Hz: what a page does in less goes on all the time, whatever it waits for. */
const SHORT_TASK_NS = 16e6;

/**
 * When an answer came while a short task ran, for which it was too late to be begun by it: the page waited for the answer.
 * ```
 * // request  |-----------------------|
 * // task                          |-----|     drew a frame, or looked at the page
 * // path     |-----------------------|--|
 * // next                                    |---
 * ```
 * @returns 0 when there was none
 */
function answeredMeanwhileNs({ requests }: PageActivity, task: Span): Nanos {
  if (typeOf(task) !== 'task' || task.endNs - task.startNs >= SHORT_TASK_NS) return 0;
  const request = lastEndingBy(requests, task.endNs);
  const isMeanwhile = request && request.endNs > task.startNs && request.startNs < task.startNs;
  return isMeanwhile ? request.endNs : 0;
}

/** A step that failed was still waiting for what was in flight. */
function pending(page: PageActivity, owner: Span, cursor: Nanos): Span | undefined {
  if (owner.status.code !== 'error') return undefined;
  return page.requests.findLast((request) => request.startNs < cursor && request.endNs > cursor);
}

/** Index of the first span that ends at or after `t`, in a list sorted by end. */
function indexEndingFrom(spans: readonly Span[], t: Nanos): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]!.endNs >= t) high = middle;
    else low = middle + 1;
  }
  return low;
}

const firstEndingFrom = (spans: readonly Span[], t: Nanos): Span | undefined =>
  spans[indexEndingFrom(spans, t)];

const lastEndingBy = (spans: readonly Span[], t: Nanos): Span | undefined =>
  spans[indexEndingFrom(spans, t + 1) - 1];

/**
 * Nothing of the page was at work: what it waited for has the time, then the actions that cover it, then nobody.
 * ```
 * // idle      |-------------------------|
 * // timer          |--------------------|      ended with it: what came next was begun by it
 * // action  |-----------------------------|    has what is left
 * ```
 */
function addIdle(page: PageActivity, owner: Span, startNs: Nanos, endNs: Nanos, path: BackwardPath): void {
  let cursor = endNs;
  for (let wait = waitBefore(page, cursor, startNs); wait; wait = waitBefore(page, cursor, startNs)) {
    const top = Math.min(wait.endNs, cursor);
    const bottom = Math.max(wait.startNs, startNs);
    addActions(page, owner, top, cursor, path);
    path.add(wait, bottom, top, 'self');
    cursor = bottom;
  }
  addActions(page, owner, startNs, cursor, path);
}

/** A task that a timer began starts this much after the timer fired at most. */
const BEGUN_WITHIN_NS = 1_000_000;

/** A timer or a frame counts only when the next thing began with its end; the others for as long as they lasted. */
function waitBefore(page: PageActivity, cursor: Nanos, lowNs: Nanos): Span | undefined {
  const { waits, waitsBeginNs } = page;
  if (cursor <= lowNs) return undefined;
  let found: Span | undefined;
  // Those that end after the cursor, then those that end before it, nearest first.
  const nearest = indexEndingFrom(waits, cursor - BEGUN_WITHIN_NS);
  for (let i = nearest; i < waits.length && waitsBeginNs[i]! < cursor; i++) {
    const wait = waits[i]!;
    const isBegun = wait.endNs <= cursor + BEGUN_WITHIN_NS || LASTING.has(kindOf(wait));
    const overlaps = wait.startNs < cursor && wait.endNs > lowNs;
    if (isBegun && overlaps && (!found || rank(wait) < rank(found))) found = wait;
  }
  if (found) return found;
  for (let i = indexEndingFrom(waits, cursor) - 1; i >= 0; i--) {
    const wait = waits[i]!;
    if (wait.endNs <= lowNs) return undefined;
    if (LASTING.has(kindOf(wait))) return wait;
  }
  return undefined;
}

const LASTING: ReadonlySet<string> = new Set(['commit', 'checks']);
const RANKS: readonly string[] = ['timer', 'frame', 'commit', 'checks'];
const kindOf = (wait: Span): string => textAt(wait.attributes, HEADWATER.waitKind) ?? '';
const rank = (wait: Span): number => RANKS.indexOf(kindOf(wait));

function addActions(page: PageActivity, owner: Span, startNs: Nanos, endNs: Nanos, path: BackwardPath): void {
  let cursor = endNs;
  for (let i = indexEndingFrom(page.actions, endNs); i >= 0 && cursor > startNs; i--) {
    const action = page.actions[i];
    if (!action) continue;
    if (action.endNs <= startNs) break;
    const top = Math.min(action.endNs, cursor);
    const bottom = Math.max(action.startNs, startNs);
    if (bottom >= top) continue;
    path.add(owner, top, cursor, 'uncovered');
    path.add(action, bottom, top, 'self');
    cursor = bottom;
  }
  path.add(owner, startNs, cursor, 'uncovered');
}
