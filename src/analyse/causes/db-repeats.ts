/**
 * One statement asked again and again by one caller, each time for another value: a loop where one statement would do.
 * ```
 * // GET /orders  |--------------------------------|
 * //   select …    |--| |--| |--| |--| |--| |--|        one after the other: each pays its own way to the database
 * ```
 */
import { sqlShape } from '../../model/sql-shape.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { isDatabaseClient, type Tree, textAt, typeOf } from '../tree.ts';

/** A page asks for a few things of one kind; a loop over rows asks more often. */
export const REPEATS_WORTH_NAMING = 5;
/** Some SDKs stamp starts in whole milliseconds (JavaScript's does): the next may seem to begin before the last ended. */
const COARSE_START_NS = 1e6;
/** Between two turns of a loop there is a connection to take and an answer to read; what takes longer is work of its own. */
const SHORT_PAUSE_NS = 3e6;
/** In a loop whose pauses are mostly short, a longer one is the event loop's or the processor's: it goes on being the loop. */
const HICCUP_NS = 15e6;

/** What was found out about a tree's statements; a text is taken to pieces once, however often it was asked. */
interface Repeats {
  readonly askedByCaller: Map<Span, Asked>;
  readonly shapeByText: Map<string, string>;
}

const repeatsByTree = new WeakMap<Tree, Repeats>();

function repeatsIn(tree: Tree): Repeats {
  const known = repeatsByTree.get(tree);
  if (known) return known;
  const repeats: Repeats = { askedByCaller: new Map(), shapeByText: new Map() };
  repeatsByTree.set(tree, repeats);
  return repeats;
}

/** By its text; where that is not told, by what was done to which table or collection. */
function shapeOf({ attributes }: Span, { shapeByText }: Repeats): string | undefined {
  const sql = textAt(attributes, 'db.query.text') ?? textAt(attributes, 'db.statement');
  const collection = textAt(attributes, 'db.collection.name');
  if (sql === undefined)
    return collection && `${textAt(attributes, 'db.operation.name') ?? 'asks'} ${collection}`;
  const shape = shapeByText.get(sql) ?? sqlShape(sql);
  shapeByText.set(sql, shape);
  return shape;
}

/** How often this caller asked this, itself included; 1 when side by side, which is no loop. */
export function repeatsOf(client: Span, tree: Tree): number {
  const caller = isDatabaseClient(client) ? callerOf(client, tree) : undefined;
  const asked = caller && askedBy(caller, tree);
  if (!asked || asked.turns.length === 0) return 1;
  return asked.timesByShape.get(shapeOf(client, repeatsIn(tree)) ?? '') || 1;
}

/**
 * Object mappers and resolvers wrap each statement in a span of their own: then the loop is that of the span above.
 * ```
 * // GET /orders        |-------------------------------|   the caller
 * //   Session.find       |-------| |-------| |-------|     wraps one statement
 * //     select …           |---|     |---|     |---|
 * ```
 */
export function callerOf(span: Span, tree: Tree): Span | undefined {
  let at = tree.parentOf(span);
  while (at && turnIn(at, tree)) at = tree.parentOf(at);
  return at;
}

/** More wrappers around one statement than this are no wrappers. */
const MAX_WRAPPERS = 3;

/** The one statement that this internal span is around. */
function turnIn(span: Span, tree: Tree, depth = MAX_WRAPPERS): Span | undefined {
  if (span.kind !== 'internal' || span.layer !== 'service' || typeOf(span) !== undefined || depth === 0)
    return undefined;
  const [turn, ...more] = tree
    .childrenOf(span)
    .flatMap((child) => (isDatabaseClient(child) ? child : (turnIn(child, tree, depth - 1) ?? [])));
  return more.length > 0 ? undefined : turn;
}

/** What one caller asked its databases. */
interface Asked {
  /** How often each shape was asked when the one before had ended. */
  readonly timesByShape: ReadonlyMap<string, number>;
  /** The turns of all its loops, by start. */
  readonly turns: readonly Span[];
}

const NOTHING_ASKED: Asked = { timesByShape: new Map(), turns: [] };

/** Looked at once a caller: it may have a hundred thousand children, each of which asks. */
function askedBy(caller: Span, tree: Tree): Asked {
  if (tree.childrenOf(caller).length < REPEATS_WORTH_NAMING) return NOTHING_ASKED;
  const repeats = repeatsIn(tree);
  const asked = repeats.askedByCaller.get(caller) ?? readAsked(turnsUnder(caller, tree), repeats);
  repeats.askedByCaller.set(caller, asked);
  return asked;
}

const turnsUnder = (caller: Span, tree: Tree): Span[] =>
  tree.childrenOf(caller).flatMap((child) => (isDatabaseClient(child) ? child : (turnIn(child, tree) ?? [])));

function readAsked(clients: readonly Span[], repeats: Repeats): Asked {
  const timesByShape = new Map<string, number>();
  const lastEndNs = new Map<string, Nanos>();
  const shapeByClient = new Map<Span, string>();
  for (const child of [...clients].sort((a, b) => a.startNs - b.startNs)) {
    const shape = shapeOf(child, repeats);
    if (!shape) continue;
    shapeByClient.set(child, shape);
    const isInTurn = child.startNs >= (lastEndNs.get(shape) ?? Number.NEGATIVE_INFINITY) - COARSE_START_NS;
    if (!isInTurn) continue;
    timesByShape.set(shape, (timesByShape.get(shape) ?? 0) + 1);
    lastEndNs.set(shape, child.endNs);
  }
  const isOfLoop = (shape: string) => (timesByShape.get(shape) ?? 0) >= REPEATS_WORTH_NAMING;
  const turns = [...shapeByClient].flatMap(([client, shape]) => (isOfLoop(shape) ? [client] : []));
  return { timesByShape, turns };
}

/**
 * The asking client whose loop this time of its caller lies in:
 * ```
 * // caller   |------------------------------------|
 * // turns      |--| |--| |--|  |--|      |--|
 * // segment        ||                                between two turns, not much longer than a turn
 * ```
 */
export function loopAround(owner: Span, startNs: Nanos, endNs: Nanos, tree: Tree): Span | undefined {
  const caller = turnIn(owner, tree) ? callerOf(owner, tree) : owner;
  const turns = caller ? askedBy(caller, tree).turns : [];
  const next = firstAfter(turns, endNs - COARSE_START_NS);
  const [before, after] = [turns[next - 1], turns[next]];
  if (!before || !after || before.startNs > startNs + COARSE_START_NS) return undefined;
  const lastEndNs = Math.max(...turns.slice(Math.max(0, next - LOOK_BACK), next).map((turn) => turn.endNs));
  const pauseNs = after.startNs - lastEndNs;
  const isShort = pauseNs <= Math.max(SHORT_PAUSE_NS, before.endNs - before.startNs);
  return isShort || (pauseNs <= HICCUP_NS && isTight(turns, next)) ? before : undefined;
}

/** The pauses before and after this one are short: it is one of a loop that does nothing else in between. */
function isTight(turns: readonly Span[], next: number): boolean {
  const pauseBefore = (i: number) => (turns[i]?.startNs ?? Infinity) - (turns[i - 1]?.endNs ?? -Infinity);
  return pauseBefore(next - 1) <= SHORT_PAUSE_NS && pauseBefore(next + 1) <= SHORT_PAUSE_NS;
}

/** Turns that overlap by the coarseness of their starts are few. */
const LOOK_BACK = 3;

/** Index of the first turn that starts at or after this, by halves. */
function firstAfter(turns: readonly Span[], ns: Nanos): number {
  let low = 0;
  let high = turns.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (turns[middle]!.startNs < ns) low = middle + 1;
    else high = middle;
  }
  return low;
}
