/**
 * One service asked again and again by one caller, each time when the answer before had come: one call for all, or all
 * at once, would do.
 * ```
 * // POST /order   |---------------------------------------|
 * //   GET /item/1   |----|
 * //   GET /item/2          |----|
 * //   GET /item/3                 |----|                      the gaps between them are part of it
 * ```
 * Tries of one call are not meant (stitching has put them together), nor are calls that failed.
 */
import type { Attributes } from '../../model/span.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { isServiceCall, isServiceCallAt, type Tree, textAt } from '../tree.ts';
import { lengthOf } from './amounts.ts';

/** Two of a kind are a coincidence. */
export const CALLS_OF_A_LOOP = 3;
/** Below this nobody waited for it. */
export const LOOP_WORTH_NAMING_NS = 20e6;
/** OpenTelemetry for Node.js stamps starts in whole milliseconds, cut off: a call seems to begin before the last one ended. */
const EARLY_START_NS = 1e6;
/** Who pauses longer between two calls than these take is polling, or has other things to do. */
const PAUSE_SHARE = 1;

export interface Loop {
  readonly caller: Span;
  readonly calls: readonly Span[];
  /** `GET http://inventory:8080/products`, ids left out. */
  readonly target: string;
}

/** A call of one service by another; undefined for everything else. Ids in paths are one shape. */
function targetOf(span: Span): string | undefined {
  if (!isServiceCall(span) || span.status.code === 'error') return undefined;
  const { attributes } = span;
  const peer = peerOf(attributes);
  const operation =
    textAt(attributes, 'rpc.method') ??
    shapeOf(
      textAt(attributes, 'url.template') ??
        textAt(attributes, 'url.full') ??
        textAt(attributes, 'http.url') ??
        textAt(attributes, 'url.path') ??
        '',
    );
  if (peer === undefined && operation === '') return undefined;
  const port = textAt(attributes, 'server.port') ?? '';
  const method = textAt(attributes, 'http.request.method') ?? textAt(attributes, 'http.method') ?? '';
  return [method, operation.startsWith('http') ? '' : [peer, port].filter(Boolean).join(':'), operation]
    .filter(Boolean)
    .join(' ');
}

const peerOf = (attributes: Attributes): string | undefined =>
  textAt(attributes, 'server.address') ??
  textAt(attributes, 'net.peer.name') ??
  textAt(attributes, 'peer.service') ??
  textAt(attributes, 'rpc.service');

const ID_IN_PATH = /\/(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27,}|[0-9a-f]{16,})(?=\/|$)/gi;
const shapeOf = (url: string): string => url.split(/[?#]/, 1)[0]!.replace(ID_IN_PATH, '/…');

interface Loops {
  readonly loops: readonly Loop[];
  readonly loopByCall: ReadonlyMap<Span, Loop>;
}

const NONE: Loops = { loops: [], loopByCall: new Map() };

const loopsByTree = new WeakMap<Tree, Map<Span, Loops>>();

/** Found once a caller: it may have a hundred thousand children. */
function loopsUnder(caller: Span, tree: Tree): Loops {
  if (tree.childrenOf(caller).length < CALLS_OF_A_LOOP) return NONE;
  const byCaller = loopsByTree.get(tree) ?? new Map<Span, Loops>();
  loopsByTree.set(tree, byCaller);
  const known = byCaller.get(caller);
  if (known) return known;
  const loops = readLoops(caller, tree);
  byCaller.set(caller, loops);
  return loops;
}

function readLoops(caller: Span, tree: Tree): Loops {
  if (!asksOneOften(caller, tree)) return NONE;
  const chains = new Map<string, Span[]>();
  const calls = tree.childrenOf(caller).filter(isServiceCall);
  for (const child of calls.sort((a, b) => a.startNs - b.startNs)) {
    const target = targetOf(child);
    if (target === undefined) continue;
    const chain = chains.get(target);
    if (!chain) chains.set(target, [child]);
    else if (follows(chain.at(-1)!, child)) chain.push(child);
  }
  const loops = [...chains].map(([target, calls]) => ({ caller, calls, target })).filter(isLoop);
  const loopByCall = new Map(loops.flatMap((loop) => loop.calls.map((call) => [call, loop] as const)));
  return { loops, loopByCall };
}

/** Most callers ask a few others once each: nothing need be compared. */
function asksOneOften(caller: Span, { list, firstChild, children, placeOf }: Tree): boolean {
  const place = placeOf(caller);
  const timesOf = new Map<string | undefined, number>();
  for (let i = firstChild[place]!; i < firstChild[place + 1]!; i++) {
    if (!isServiceCallAt(list, children[i]!)) continue;
    const peer = peerOf(list.attributesAt(children[i]!));
    const times = (timesOf.get(peer) ?? 0) + 1;
    if (times >= CALLS_OF_A_LOOP) return true;
    timesOf.set(peer, times);
  }
  return false;
}

const follows = (before: Span, after: Span): boolean =>
  before.endNs - after.startNs <= Math.min(EARLY_START_NS, lengthOf(before) / 2, lengthOf(after) / 2);

export const callsNs = ({ calls }: Pick<Loop, 'calls'>): Nanos =>
  calls.reduce((sum, call) => sum + lengthOf(call), 0);

function isLoop(loop: Loop): boolean {
  const { calls } = loop;
  if (calls.length < CALLS_OF_A_LOOP || callsNs(loop) < LOOP_WORTH_NAMING_NS) return false;
  const wholeNs = calls.at(-1)!.endNs - calls[0]!.startNs;
  return wholeNs - callsNs(loop) <= PAUSE_SHARE * callsNs(loop);
}

/** The loop that a span was blamed for: one that it is inside of, or makes itself. */
export const loopOf = (span: Span, tree: Tree): Loop | undefined =>
  loopAbove(span, tree) ?? [...loopsUnder(span, tree).loops].sort((a, b) => callsNs(b) - callsNs(a))[0];

const hasLoopsByTree = new WeakMap<Tree, boolean>();

/** In most runs nobody calls in a loop, and nobody need look upwards. */
function hasLoops(tree: Tree): boolean {
  const known =
    hasLoopsByTree.get(tree) ??
    likelyCallers(tree).some((caller) => loopsUnder(caller, tree).loops.length > 0);
  hasLoopsByTree.set(tree, known);
  return known;
}

/** Whose calls are as many, and take as long, as those of a loop. */
function likelyCallers({ list, firstChild, children }: Tree): Span[] {
  const { startNs, endNs, length } = list;
  const callers: Span[] = [];
  for (let place = 0; place < length; place++) {
    const [first, end] = [firstChild[place]!, firstChild[place + 1]!];
    if (end - first < CALLS_OF_A_LOOP) continue;
    let [calls, ns] = [0, 0];
    for (let i = first; i < end; i++) {
      const child = children[i]!;
      if (!isServiceCallAt(list, child)) continue;
      calls++;
      ns += endNs[child]! - startNs[child]!;
    }
    if (calls >= CALLS_OF_A_LOOP && ns >= LOOP_WORTH_NAMING_NS) callers.push(list.at(place)!);
  }
  return callers;
}

const loopBySpanOfTree = new WeakMap<Tree, Map<Span, Loop | undefined>>();

/** The loop that this stretch is part of: in one of its calls, however deep, or between two of them. */
export function loopAround(
  { span, startNs, endNs }: { readonly span: Span; readonly startNs: Nanos; readonly endNs: Nanos },
  tree: Tree,
): Loop | undefined {
  if (!hasLoops(tree)) return undefined;
  return (
    loopsUnder(span, tree).loops.find(
      ({ calls }) => startNs >= calls[0]!.startNs && endNs <= calls.at(-1)!.endNs,
    ) ?? loopAbove(span, tree)
  );
}

/** Each span is asked once; the way up is remembered for all that lie on it. */
function loopAbove(span: Span, tree: Tree): Loop | undefined {
  const known = loopBySpanOfTree.get(tree) ?? new Map<Span, Loop | undefined>();
  loopBySpanOfTree.set(tree, known);
  const passed: Span[] = [];
  let found: Loop | undefined;
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    if (known.has(at)) {
      found = known.get(at);
      break;
    }
    passed.push(at);
    const caller = isServiceCall(at) ? tree.parentOf(at) : undefined;
    found = caller && loopsUnder(caller, tree).loopByCall.get(at);
    if (found) break;
  }
  for (const each of passed) known.set(each, found);
  return found;
}
