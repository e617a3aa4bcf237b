/**
 * Many stations → as many as a person can look at: those with the least of the run's time are drawn as one of their
 * kind, `12 more services`, which holds them. No call and no time is lost: Σ `pathNs` stays the wall time.
 */
import type { Pipe, Pipes, Place, PlaceTime, Station, StationKind, Valve } from '../../model/pipes.ts';

/** About what five or six columns of a screen hold without being scrolled. */
export const MOST_STATIONS = 14;

const PLURAL: Readonly<Record<StationKind, string>> = {
  browser: 'browsers',
  names: 'name servers',
  lb: 'load balancers',
  service: 'services',
  db: 'databases',
  host: 'other hosts',
};

/** Of the run's time. A look-up asks one name server after the other: below this, nobody needs to tell them apart. */
const QUIET_NAME_SERVER = 0.04;

export function foldPipes(pipes: Pipes, most = MOST_STATIONS): Pipes {
  const folds = foldsOf(pipes, most);
  if (folds.length === 0) return pipes;
  const idOf = new Map(
    folds.flatMap(({ id, folded = [] }) => folded.map((station) => [station.id, id] as const)),
  );
  const to = (id: string): string => idOf.get(id) ?? id;
  const { kept, inside, pipeIds } = bendPipes(pipes.pipes, to);
  const placed = (id: string): string => pipeIds.get(id) ?? to(id);
  return {
    ...pipes,
    stations: [
      ...pipes.stations.filter(({ id }) => !idOf.has(id)),
      ...folds.map((fold) => ({
        ...fold,
        ...sumOf(fold.id, [fold, ...(inside.get(fold.id) ?? [])]),
        calls: fold.calls,
      })),
    ],
    pipes: kept,
    ...(pipes.guilty !== undefined && { guilty: placed(pipes.guilty) }),
    play: pipes.play.map((piece) => ({ ...piece, place: placed(piece.place) })),
  };
}

/** The least important of each kind, as long as there are too many; one alone is not worth a fold. */
function foldsOf({ stations, pipes, source, guilty, report }: Pipes, most: number): Station[] {
  const held = new Set([
    source,
    guilty,
    ...atBlamed(pipes),
    ...stations.filter(isBlamed).map(({ id }) => id),
  ]);
  // Who asks others (the resolver) is not one of those who are asked.
  const asked = new Set(stations.map(({ id }) => id));
  for (const { from } of pipes) asked.delete(from);
  const spare = stations
    .filter(({ id, kind }) => !held.has(id) && kind !== 'lb')
    .sort((a, b) => a.pathNs - b.pathNs || a.calls - b.calls);
  const isAllOf = ([first, ...others]: readonly Station[]): boolean =>
    stations.filter(({ kind, id }) => kind === first?.kind && (kind !== 'names' || asked.has(id))).length ===
    others.length + 1;
  const byKind = new Map<StationKind, Station[]>();
  const isQuiet = ({ kind, pathNs, id }: Station): boolean =>
    kind === 'names' && asked.has(id) && pathNs < QUIET_NAME_SERVER * report.wallNs;
  let left = stations.length;
  for (const station of [...spare.filter(isQuiet), ...spare.filter((each) => !isQuiet(each))]) {
    if (left <= most && !isQuiet(station)) break;
    const group = byKind.get(station.kind) ?? [];
    byKind.set(station.kind, [...group, station]);
    if (group.length > 0) left--;
  }
  return [...byKind.values()]
    .filter((group) => group.length > 1)
    .map((group) => foldOf(group, isAllOf(group)));
}

const isBlamed = ({ blamedNs, valves }: Place): boolean =>
  blamedNs !== undefined || valves.some((valve) => valve.isBlamed);
const atBlamed = (pipes: readonly Pipe[]): string[] =>
  pipes.filter(isBlamed).flatMap(({ from, to }) => [from, to]);

function foldOf(group: readonly Station[], isAll: boolean): Station {
  const { kind, layer } = group[0]!;
  const id = `more ${kind}`;
  return {
    ...sumOf(id, group),
    kind,
    layer,
    name: `${group.length} ${isAll ? '' : 'more '}${PLURAL[kind]}`,
    processes: group.reduce((sum, { processes }) => sum + processes, 0),
    folded: [...group].reverse(),
  };
}

/** Pipes between the same two stations become one; those between two of one fold go into it. */
function bendPipes(pipes: readonly Pipe[], to: (id: string) => string) {
  const groups = new Map<string, Pipe[]>();
  const inside = new Map<string, Pipe[]>();
  const pipeIds = new Map<string, string>();
  for (const pipe of pipes) {
    const [from, into] = [to(pipe.from), to(pipe.to)];
    const isSame = from === pipe.from && into === pipe.to;
    const isInside = from === into && !isSame;
    const id = isInside ? from : isSame ? pipe.id : `${from} → ${into}`;
    pipeIds.set(pipe.id, id);
    const target = isInside ? inside : groups;
    target.set(id, [...(target.get(id) ?? []), pipe]);
  }
  const kept = [...groups].map(([id, group]) => joined(id, to(group[0]!.from), to(group[0]!.to), group));
  return { kept, inside, pipeIds };
}

function joined(id: string, from: string, to: string, group: readonly Pipe[]): Pipe {
  const sum = (read: (pipe: Pipe) => number): number => group.reduce((total, pipe) => total + read(pipe), 0);
  return {
    ...sumOf(id, group),
    from,
    to,
    retries: sum(({ retries }) => retries),
    setups: sum(({ setups }) => setups),
    setupNs: sum(({ setupNs }) => setupNs),
  };
}

function sumOf(id: string, places: readonly Place[]): Place {
  const sum = (read: (place: Place) => number): number =>
    places.reduce((total, place) => total + read(place), 0);
  const blamedNs = sum((place) => place.blamedNs ?? 0);
  const slowest = places
    .flatMap((place) => place.slowest ?? [])
    .reduce<Place['slowest']>((a, b) => (a && a.ns >= b.ns ? a : b), undefined);
  return {
    id,
    calls: sum(({ calls }) => calls),
    errors: sum(({ errors }) => errors),
    totalNs: sum(({ totalNs }) => totalNs),
    pathNs: sum(({ pathNs }) => pathNs),
    times: joinTimes(places.flatMap(({ times }) => times)),
    valves: joinValves(places.flatMap(({ valves }) => valves)),
    ...(slowest && { slowest }),
    ...(blamedNs > 0 && { blamedNs }),
  };
}

function joinTimes(times: readonly PlaceTime[]): PlaceTime[] {
  const byCause = new Map<string, PlaceTime>();
  for (const time of times) {
    const key = `${time.cause} ${time.evidence} ${time.layer}`;
    const known = byCause.get(key);
    byCause.set(key, known ? { ...(known.ns >= time.ns ? known : time), ns: known.ns + time.ns } : time);
  }
  return [...byCause.values()].sort((a, b) => b.ns - a.ns);
}

function joinValves(valves: readonly Valve[]): Valve[] {
  const byKind = new Map<string, Valve>();
  for (const valve of valves) {
    const known = byKind.get(valve.kind);
    if (!known) byKind.set(valve.kind, valve);
    else {
      const longer = (known.longest?.ns ?? 0) >= (valve.longest?.ns ?? 0) ? known : valve;
      byKind.set(valve.kind, {
        ...longer,
        waits: known.waits + valve.waits,
        waitedNs: known.waitedNs + valve.waitedNs,
        pathNs: known.pathNs + valve.pathNs,
        ...((known.isBlamed || valve.isBlamed) && { isBlamed: true }),
      });
    }
  }
  return [...byKind.values()];
}
