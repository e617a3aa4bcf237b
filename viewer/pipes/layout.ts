/**
 * Where stations stand: in ranks along the flow, so that the water runs one way, and within a rank so that few pipes
 * cross. Ours, because the ranks are the meaning: how far a station is from where the run began.
 *
 * 1. Pipes that lead back (a circle of calls) are left out, found depth first from the source.
 * 2. Rank: the longest way from the source.
 * 3. A pipe over more than one rank holds a place in those between, so that it goes round the stations there.
 * 4. Order in a rank: by the middle of the neighbours, forth and back a few times.
 * 5. Offset: as near to the neighbours as its rank has room for.
 *
 * Units are the caller's; nothing here knows whether ranks go right or down.
 */
export interface LayoutPipe {
  readonly id: string;
  readonly from: string;
  readonly to: string;
}

export interface Sizes {
  /** Of a station, across the flow. */
  readonly breadth: number;
  /** Between stations, across the flow. */
  readonly gap: number;
  /** What a pipe on its way past a rank needs. */
  readonly passage: number;
}

export interface Layout {
  readonly ranks: number;
  /** Station id → rank, and offset of its middle across the flow, from 0. */
  readonly spots: ReadonlyMap<string, Spot>;
  /** Pipe id → where it passes ranks on its way, from its start to its end. */
  readonly passages: ReadonlyMap<string, readonly Spot[]>;
  readonly breadth: number;
}

export interface Spot {
  readonly rank: number;
  readonly offset: number;
}

interface Node {
  readonly rank: number;
  readonly size: number;
  readonly before: Node[];
  readonly after: Node[];
  offset: number;
}

/** Odd: the last goes with the flow, so that what one station asks stays together. */
const SWEEPS = 5;

export function layOut(
  stationIds: readonly string[],
  pipes: readonly LayoutPipe[],
  source: string,
  sizes: Sizes,
): Layout {
  const forward = withoutWaysBack(stationIds, pipes, source);
  const rankOf = longestWays(stationIds, forward, source);
  const nodes = new Map<string, Node>();
  for (const id of stationIds) nodes.set(id, node(rankOf.get(id) ?? 0, sizes.breadth));
  const passing = new Map<string, Node[]>();
  for (const pipe of pipes) {
    const way = wayOf(pipe, nodes, sizes.passage);
    if (way.length > 2) passing.set(pipe.id, way.slice(1, -1));
    for (let i = 1; i < way.length; i++) {
      way[i - 1]!.after.push(way[i]!);
      way[i]!.before.push(way[i - 1]!);
    }
  }
  const ranks = ranksOf([...nodes.values(), ...[...passing.values()].flat()]);
  order(ranks, sizes.gap);
  const breadth = settle(ranks, sizes.gap);
  const spotOf = ({ rank, offset }: Node): Spot => ({ rank, offset });
  return {
    ranks: ranks.length,
    spots: new Map([...nodes].map(([id, each]) => [id, spotOf(each)])),
    passages: new Map(
      [...passing].map(([id, way]) => {
        const isBack =
          (rankOf.get(pipes.find((pipe) => pipe.id === id)?.from ?? '') ?? 0) > (way[0]?.rank ?? 0);
        return [id, (isBack ? [...way].reverse() : way).map(spotOf)];
      }),
    ),
    breadth,
  };
}

const node = (rank: number, size: number): Node => ({ rank, size, before: [], after: [], offset: 0 });

function withoutWaysBack(ids: readonly string[], pipes: readonly LayoutPipe[], source: string): LayoutPipe[] {
  const outOf = new Map<string, LayoutPipe[]>(ids.map((id) => [id, []]));
  for (const pipe of pipes) if (pipe.from !== pipe.to) outOf.get(pipe.from)?.push(pipe);
  const state = new Map<string, 'open' | 'done'>();
  const forward: LayoutPipe[] = [];
  for (const start of [source, ...ids]) {
    const stack = state.has(start) ? [] : [{ id: start, next: 0 }];
    if (stack.length > 0) state.set(start, 'open');
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const pipe = outOf.get(top.id)?.[top.next++];
      if (!pipe) {
        state.set(top.id, 'done');
        stack.pop();
        continue;
      }
      if (state.get(pipe.to) === 'open') continue;
      forward.push(pipe);
      if (state.has(pipe.to)) continue;
      state.set(pipe.to, 'open');
      stack.push({ id: pipe.to, next: 0 });
    }
  }
  return forward;
}

/** Ranks grow along every pipe; they are few, so pushing on until nothing moves is short. */
function longestWays(
  ids: readonly string[],
  forward: readonly LayoutPipe[],
  source: string,
): Map<string, number> {
  const hasInflow = new Set(forward.map(({ to }) => to));
  const rankOf = new Map(ids.map((id) => [id, id === source || hasInflow.has(id) ? 0 : 1]));
  for (let moved = true, rounds = 0; moved && rounds <= ids.length; rounds++) {
    moved = false;
    for (const { from, to } of forward) {
      const least = (rankOf.get(from) ?? 0) + 1;
      if ((rankOf.get(to) ?? 0) >= least) continue;
      rankOf.set(to, least);
      moved = true;
    }
  }
  return rankOf;
}

/** The nodes along a pipe in the direction of the ranks, with one for each rank that it passes. */
function wayOf({ from, to }: LayoutPipe, nodes: ReadonlyMap<string, Node>, passage: number): Node[] {
  const [a, b] = [nodes.get(from), nodes.get(to)];
  if (!a || !b || a === b) return [];
  const [low, high] = a.rank <= b.rank ? [a, b] : [b, a];
  const between = Array.from({ length: Math.max(0, high.rank - low.rank - 1) }, (_, i) =>
    node(low.rank + 1 + i, passage),
  );
  return [low, ...between, high];
}

function ranksOf(nodes: readonly Node[]): Node[][] {
  const ranks: Node[][] = [];
  for (const each of nodes) {
    while (ranks.length <= each.rank) ranks.push([]);
    ranks[each.rank]!.push(each);
  }
  return ranks;
}

function order(ranks: readonly Node[][], gap: number): void {
  for (const rank of ranks) spread(rank, gap);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forth = sweep % 2 === 0;
    for (const rank of forth ? ranks : [...ranks].reverse()) {
      const wanted = new Map(
        rank.map((each) => [each, middleOf(forth ? each.before : each.after) ?? each.offset]),
      );
      rank.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      spread(rank, gap);
    }
  }
}

/** One below the other, around 0. */
function spread(rank: readonly Node[], gap: number): void {
  const whole = rank.reduce((sum, { size }) => sum + size + gap, -gap);
  let at = -whole / 2;
  for (const each of rank) {
    each.offset = at + each.size / 2;
    at += each.size + gap;
  }
}

const middleOf = (nodes: readonly Node[]): number | undefined =>
  nodes.length === 0 ? undefined : nodes.reduce((sum, { offset }) => sum + offset, 0) / nodes.length;

/** Draws each to its neighbours without changing the order; returns the breadth of all, which then begins at 0. */
function settle(ranks: readonly Node[][], gap: number): number {
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const rank of sweep % 2 === 0 ? ranks : [...ranks].reverse()) {
      const wanted = rank.map((each) => middleOf([...each.before, ...each.after]) ?? each.offset);
      apart(rank, wanted, gap);
    }
  }
  const nodes = ranks.flat();
  const low = Math.min(0, ...nodes.map(({ offset, size }) => offset - size / 2));
  for (const each of nodes) each.offset -= low;
  return Math.max(0, ...nodes.map(({ offset, size }) => offset + size / 2));
}

/** The wanted offsets, pushed apart; the push is shared, so that the rank stays where it wants to be on average. */
function apart(rank: readonly Node[], wanted: readonly number[], gap: number): void {
  let [end, pushed] = [Number.NEGATIVE_INFINITY, 0];
  rank.forEach((each, i) => {
    each.offset = Math.max(wanted[i]!, end + each.size / 2);
    end = each.offset + each.size / 2 + gap;
    pushed += each.offset - wanted[i]!;
  });
  for (const each of rank) each.offset -= pushed / rank.length;
}
