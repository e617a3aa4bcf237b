/** The words of the plumbing: names of places, what held the water up, and the sentence of a moment. */
import type {
  Pipe,
  Place,
  PlayPiece,
  Station,
  StationKind,
  Valve,
  ValveKind,
} from '../../src/model/pipes.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import { plainText, shorten } from '../element.ts';
import { causeInWords } from '../panel/cause.ts';

const LONGEST_NAME = 80;

export const KIND_NAME: Readonly<Record<StationKind, string>> = {
  browser: 'runs the journey',
  names: 'DNS',
  lb: 'load balancer',
  service: 'service',
  db: 'database',
  host: 'not traced',
};

export const VALVE_NAME: Readonly<Record<ValveKind, string>> = {
  pool: 'pool',
  queue: 'server queue',
  connections: 'connections per host',
  streams: 'streams at once',
  listen: 'listen queue',
  lock: 'lock',
  backoff: 'pause before a new try',
};

/** The same where there is little room: on a pipe. */
export const VALVE_SHORT: Readonly<Record<ValveKind, string>> = {
  ...VALVE_NAME,
  queue: 'queue',
  connections: 'per host',
  streams: 'streams',
  listen: 'listen',
  backoff: 'pause',
};

/** What the limit is, for a person who does not know it. */
export const VALVE_EXPLAINED: Readonly<Record<ValveKind, string>> = {
  pool: 'A caller keeps a pool of connections to its database. When all are in use, it waits for one.',
  queue: 'The load balancer gives each server only so many requests at once. The others queue.',
  connections: 'A browser opens only so many connections to one host over HTTP/1.1. The other requests wait.',
  streams: 'A server allows only so many requests at once on one HTTP/2 connection. The others wait.',
  listen: 'Connections that the kernel has accepted wait here until the program takes them.',
  lock: 'Another session of the database held what a statement needed.',
  backoff: 'A call failed, and its caller paused before it tried again.',
};

export const times = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const share = (ns: Nanos, wallNs: Nanos): string => {
  const percent = (ns / (wallNs || 1)) * 100;
  return percent > 0 && percent < 1 ? '< 1 %' : `${Math.round(percent)} %`;
};

export const isPipe = (place: Station | Pipe): place is Pipe => 'from' in place;

export const nameOf = (place: Station | Pipe, stations: ReadonlyMap<string, Station>): string =>
  isPipe(place)
    ? `${stations.get(place.from)?.name ?? place.from} → ${stations.get(place.to)?.name ?? place.to}`
    : place.name;

/** `pool: 1 wait, 255 ms` · `listen queue: 7 of 511 at most` · `pool: nobody waited` */
export function valveInWords(valve: Valve): string {
  const name = VALVE_NAME[valve.kind];
  const limit = valve.limit === undefined ? '' : ` (at most ${valve.limit})`;
  if (valve.peak !== undefined)
    return `${name}: up to ${valve.peak}${valve.limit === undefined ? '' : ` of ${valve.limit}`} stood in it`;
  if (valve.waits === 0) return `${name}${limit}: nobody waited`;
  return `${name}${limit}: ${times(valve.waits, 'wait')}, ${formatDuration(valve.waitedNs)}`;
}

/** From nothing (0) to nothing else (1): how much of what passed here was spent waiting, or how full a queue was. */
export function pressureOf(valve: Valve, place: Place): number {
  if (valve.peak !== undefined) return valve.limit ? Math.min(1, valve.peak / valve.limit) : 0.5;
  return valve.waitedNs === 0 ? 0 : valve.waitedNs / (valve.waitedNs + place.totalNs);
}

/** Who did what, for how long: `payment waited for a free database connection, 255 ms`. */
export function pieceInWords(
  piece: PlayPiece,
  place: string,
  words: Readonly<Record<string, string>>,
): string {
  const told = words[`${piece.cause} ${piece.component}`];
  const ns = formatDuration(piece.endNs - piece.startNs);
  if (piece.layer === 'unknown') return `nobody saw where the time went, ${ns}`;
  const inferred = piece.evidence === 'inferred' ? ' (inferred)' : '';
  const what = told ?? `${place}: ${wayOf(piece)}`;
  return `${shorten(plainText(what), LONGEST_NAME * 2)}, ${ns}${inferred}`;
}

const WAYS: Readonly<Record<string, string>> = {
  'network.out': 'the request on its way',
  'network.back': 'the answer on its way back',
  'network.unexplained': 'a wait that the other end does not explain',
};
const wayOf = ({ cause }: PlayPiece): string => WAYS[cause] ?? causeInWords(cause);
