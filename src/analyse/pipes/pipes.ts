/** A run → its plumbing: stations, pipes, valves, and the way of the water through them. Pure. */
import type { Pipe, Pipes, Place, PlaceTime, PlayPiece, Station, Valve } from '../../model/pipes.ts';
import type { PathPiece, RunView, Verdict } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import { tellingOf } from '../causes/index.ts';
import { type Tree, treeOf } from '../tree.ts';
import { Places, playOf } from './play.ts';
import { type Flow, type PipeDraft, Plumbing, type StationDraft } from './plumbing.ts';
import { valvesOf } from './valves.ts';

export function pipesOf(view: RunView): Pipes {
  const { report, path } = view;
  const tree = treeOf(view.trace, view.lanes ?? []);
  const plumbing = new Plumbing(tree);
  const places = new Places(tree, plumbing);
  const play = playOf(path, places);
  const blamed = blames(view) ? report.verdict : undefined;
  const valves = valvesOf(tree, plumbing, path, new Set(blamed?.spanIds));
  const { times, blamedNs } = timesOf(path, places, blamed);
  const placeOf = (id: string, flow: Flow): Place =>
    placeFrom(id, flow, times.get(id) ?? [], blamedNs.get(id), valves.get(id));
  const guilty = blamed && guiltyPlace(blamed, blamedNs, places);
  const { traceId, journey, status, error, startUnixNano, wallNs, verdict } = report;
  return {
    report: {
      traceId,
      journey,
      status,
      ...(error !== undefined && { error }),
      startUnixNano,
      wallNs,
      verdict,
    },
    startNs: tree.root.startNs,
    stations: [...plumbing.stations.values()].map((draft) => stationFrom(draft, placeOf(draft.id, draft))),
    pipes: [...plumbing.pipes.values()].map((draft) => pipeFrom(draft, placeOf(draft.id, draft))),
    source: places.source,
    ...(guilty !== undefined && { guilty }),
    play,
    words: wordsOf(play, tree),
    steps: report.steps.map(({ name, startNs, wallNs: ns }) => ({ name, startNs, endNs: startNs + ns })),
    frames: view.frames ?? [],
  };
}

/** A quiet run's verdict names its largest part, and blames nobody: it is sure of nothing. */
const blames = ({ report: { status, verdict } }: RunView): boolean =>
  status === 'failed' || verdict.confidence !== undefined || tellingOf(verdict.cause) !== undefined;

function placeFrom(
  id: string,
  { calls, errors, totalNs, slowest }: Flow,
  times: readonly PlaceTime[],
  blamedNs: Nanos | undefined,
  valves: readonly Valve[] = [],
): Place {
  const pathNs = times.reduce((sum, { ns }) => sum + ns, 0);
  return {
    id,
    calls,
    errors,
    totalNs,
    pathNs,
    times,
    valves,
    ...(slowest && { slowest }),
    ...(blamedNs !== undefined && { blamedNs }),
  };
}

const stationFrom = ({ kind, layer, name, clocks }: StationDraft, place: Place): Station => ({
  ...place,
  kind,
  layer,
  name,
  processes: clocks.size,
});

const pipeFrom = ({ from, to, retries, setups, setupNs }: PipeDraft, place: Place): Pipe => ({
  ...place,
  from: from.id,
  to: to.id,
  retries,
  setups,
  setupNs,
});

interface Account extends PlaceTime {
  ns: Nanos;
  spanId: string;
  longestNs: Nanos;
}

function timesOf(path: readonly PathPiece[], places: Places, blamed: Verdict | undefined) {
  const accounts = new Map<string, Map<string, Account>>();
  const blamedNs = new Map<string, Nanos>();
  for (const piece of path) {
    const place = places.of(piece);
    const ns = piece.endNs - piece.startNs;
    const own = accounts.get(place) ?? new Map<string, Account>();
    accounts.set(place, own);
    addTime(own, piece, ns);
    if (blamed && piece.cause === blamed.cause && piece.layer === blamed.layer)
      blamedNs.set(place, (blamedNs.get(place) ?? 0) + ns);
  }
  const times = new Map<string, PlaceTime[]>();
  for (const [place, own] of accounts)
    times.set(
      place,
      [...own.values()].sort((a, b) => b.ns - a.ns).map(({ longestNs: _, ...time }) => time),
    );
  return { times, blamedNs };
}

function addTime(own: Map<string, Account>, piece: PathPiece, ns: Nanos): void {
  const { layer, cause, evidence, spanId } = piece;
  const key = `${cause} ${evidence} ${layer}`;
  const account = own.get(key);
  if (!account) {
    own.set(key, { layer, cause, evidence, ns, spanId, longestNs: ns });
    return;
  }
  account.ns += ns;
  if (ns <= account.longestNs) return;
  account.longestNs = ns;
  account.spanId = spanId;
}

/** Where most of the blamed time was; for a blame without time, where its first span was. */
function guiltyPlace(
  blamed: Verdict,
  blamedNs: ReadonlyMap<string, Nanos>,
  places: Places,
): string | undefined {
  const most = [...blamedNs].reduce<[string, Nanos] | undefined>(
    (a, b) => (a && a[1] >= b[1] ? a : b),
    undefined,
  );
  if (most) return most[0];
  const [spanId] = blamed.spanIds;
  return spanId === undefined ? undefined : places.of({ ...blamed, spanId });
}

/** Told by the causes themselves, for those that are problems. */
function wordsOf(play: readonly PlayPiece[], tree: Tree): Record<string, string> {
  const pieces = new Map<string, PlayPiece[]>();
  for (const piece of play) {
    if (!tellingOf(piece.cause)) continue;
    const key = `${piece.cause} ${piece.component}`;
    const alike = pieces.get(key);
    if (alike) alike.push(piece);
    else pieces.set(key, [piece]);
  }
  return Object.fromEntries(
    [...pieces].map(([key, alike]) => {
      const spans = alike.flatMap(({ spanId }) => tree.spanById.get(spanId) ?? []);
      const { cause, component } = alike[0]!;
      return [key, tellingOf(cause)?.what(component, spans, tree) ?? ''];
    }),
  );
}
