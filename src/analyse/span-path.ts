/**
 * The critical path inside one span: its children from the last that finished backwards.
 *
 * ```
 * // span   |------------------------------|
 * // A        |---------|                         B began after A ended: both on the path
 * // B                     |----------|           C was still running when B ended: nobody waited for it
 * // C            |---------------------------|
 * ```
 * A child that ends exactly where the next begins is the normal case (`<=`). A child that sticks out over the cursor
 * by no more than the precision of its source is clipped, not dropped; so is a call whose end was noted after its caller's,
 * and a child that ended before its parent by the clock of both: then it was the parent's end that alignment clipped.
 */
import { PHASES, type SpanType } from '../model/attributes.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { withPreflights } from './preflights.ts';
import type { BackwardPath, Situation } from './segment.ts';
import { childrenOfWait, setupDuring } from './shared-setup.ts';
import { type Tree, typeOf } from './tree.ts';

interface Frame {
  readonly span: Span;
  readonly lowNs: Nanos;
  readonly children: readonly Span[];
  /** Spans that name the time which no child covers; the span itself where they are silent. */
  readonly backdrop: readonly Span[];
  readonly topNs: Nanos;
  /** Reaches to the span's own end; not so when whoever looks at it stopped waiting earlier. */
  readonly isWhole: boolean;
  cursorNs: Nanos;
  next: number;
}

export function walkSpan(tree: Tree, span: Span, lowNs: Nanos, highNs: Nanos, path: BackwardPath): void {
  const stack: Frame[] = [frameOf(tree, span, lowNs, highNs, highNs >= span.endNs)];
  for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
    const child = nextChild(frame);
    if (!child) {
      addGap(frame, frame.lowNs, frame.cursorNs, path);
      stack.pop();
      continue;
    }
    const endNs = Math.min(child.endNs, frame.cursorNs);
    const startNs = Math.max(child.startNs, frame.lowNs);
    addGap(frame, endNs, frame.cursorNs, path);
    frame.cursorNs = startNs;
    // It was waited for, so to its end, however much of that is clipped.
    stack.push(frameOf(tree, child, startNs, endNs, true));
  }
}

function frameOf(tree: Tree, span: Span, lowNs: Nanos, highNs: Nanos, isWhole: boolean): Frame {
  const { children, backdrop } = childrenToWalk(tree, span);
  const next = children.length - 1;
  return { span, lowNs, topNs: highNs, isWhole, cursorNs: highNs, children, backdrop, next };
}

/** The latest child that had finished at the cursor and began before it. */
function nextChild(frame: Frame): Span | undefined {
  while (frame.next >= 0) {
    const child = frame.children[frame.next]!;
    frame.next--;
    if (sticksOut(child, frame)) continue;
    const endNs = Math.min(child.endNs, frame.cursorNs);
    if (endNs <= frame.lowNs) {
      frame.next = -1;
      return undefined;
    }
    if (child.startNs < endNs) return child;
  }
  return undefined;
}

/** A busy event loop notes the end of its own call some turns after its answer has been passed on. */
const LATE_END_NS = 5e6;

/** Was it still running when what came after it began, or its parent ended? */
function sticksOut(child: Span, { span, cursorNs, topNs, isWhole }: Frame): boolean {
  if (child.endNs - cursorNs <= child.precisionNs) return false;
  if (cursorNs !== topNs) return true;
  const isSameClock = child.clock === span.clock;
  const isLate = child.kind === 'client' && isSameClock;
  const slackNs = isLate ? Math.max(child.precisionNs, LATE_END_NS) : child.precisionNs;
  if (child.endNs - cursorNs <= slackNs) return false;
  // The frame ends where the parent was clipped: what counts is the parent's own end.
  if (!isWhole) return true;
  return child.endNs - span.endNs > slackNs && !(isSameClock && child.rawEndNs - span.rawEndNs <= slackNs);
}

const isServer = (span: Span): boolean => typeOf(span) === 'proxy' || span.kind === 'server';

const EXCHANGE: ReadonlySet<string> = new Set([PHASES.send, PHASES.waiting, PHASES.download]);

/** What a server said of itself is used elsewhere; a socket as a host saw it is open meanwhile, and nobody waits for it. */
const LIES_BESIDE: ReadonlySet<SpanType | undefined> = new Set(['server_timing', 'host_connection']);

/**
 * Does the parent wait for this child? Who takes a message from a queue works in its own time, whatever hangs below it;
 * who put it there (`producer`) was waited for.
 */
const isAwaited = (child: Span): boolean =>
  child.kind !== 'consumer' && !LIES_BESIDE.has(typeOf(child)) && !isAnsweredTry(child);

/**
 * Where a server was seen at work, the client's own `waiting` says less than the server's span: it becomes the
 * backdrop that names what is left over. The same for a proxy's `server` phase when the service was seen.
 */
function childrenToWalk(tree: Tree, span: Span): Pick<Frame, 'children' | 'backdrop'> {
  const children = tree.childrenOf(span);
  const all = children.every(isAwaited) ? children : children.filter(isAwaited);
  const type = typeOf(span);
  if (type === 'phase' && span.name === PHASES.wait)
    return { children: withPreflights(tree, span, childrenOfWait(tree, span)), backdrop: [] };
  if (type === 'stall') return { children: setupDuring(tree, span), backdrop: [] };
  if (type === 'phase' && span.name === PHASES.waiting)
    return { children: [...all, ...said(tree, span)], backdrop: [] };
  if (type !== 'request' && type !== 'proxy') return { children: all, backdrop: [] };
  const backdropped =
    type === 'request'
      ? (child: Span) => typeOf(child) === 'phase' && EXCHANGE.has(child.name)
      : (child: Span) => typeOf(child) === 'proxy_phase' && child.name === 'server';
  if (!all.some(isServer)) return { children: all, backdrop: [] };
  return { children: all.filter((c) => !backdropped(c)), backdrop: all.filter(backdropped) };
}

/**
 * What the server said of itself (`Server-Timing`) stands in for a server that nobody else saw: its longest duration,
 * since durations nest and their places are only inferred.
 */
function said(tree: Tree, waiting: Span): readonly Span[] {
  const request = tree.parentOf(waiting);
  if (!request || typeOf(request) !== 'request') return [];
  const siblings = tree.childrenOf(request);
  if (siblings.some(isServer)) return [];
  const timings = siblings.filter((child) => typeOf(child) === 'server_timing');
  const longest = timings.reduce<Span | undefined>(
    (a, b) => (a && a.endNs - a.startNs >= b.endNs - b.startNs ? a : b),
    undefined,
  );
  return longest ? [longest] : [];
}

/** The phases tell the time of the try that was answered; its own span only says which one it was. */
const isAnsweredTry = (span: Span): boolean => typeOf(span) === 'proxy_try' && span.status.code !== 'error';

function addGap(frame: Frame, startNs: Nanos, endNs: Nanos, path: BackwardPath): void {
  const situation = situationOf(frame, startNs, endNs);
  let cursor = endNs;
  for (let i = frame.backdrop.length - 1; i >= 0 && cursor > startNs; i--) {
    const named = frame.backdrop[i]!;
    const top = Math.min(named.endNs, cursor);
    const bottom = Math.max(named.startNs, startNs);
    if (bottom >= top) continue;
    path.add(frame.span, top, cursor, situation);
    path.add(named, bottom, top, situation);
    cursor = bottom;
  }
  path.add(frame.span, startNs, cursor, situation);
}

/** Only who waits for a server has a before and an after; a service's own time is its own wherever it lies. */
function situationOf({ span, lowNs, topNs }: Frame, startNs: Nanos, endNs: Nanos): Situation {
  const type = typeOf(span);
  if (type !== 'request' && type !== 'proxy' && span.kind !== 'client') return 'self';
  if (startNs === lowNs && endNs === topNs) return 'self';
  if (endNs === topNs) return 'after';
  return startNs === lowNs ? 'before' : 'self';
}
