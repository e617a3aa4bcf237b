/**
 * The browser's connections, asked by their requests: who paid for making one, who rode on it for free, and when it
 * was made, used and idle. Connections stand beside the steps in the tree; their time belongs to the requests.
 *
 * ```
 * // request A   |dns|==connect==|==tls==|send|..waiting..|download|          paid
 * // request B                                                   |send|..|dl|   rode for free
 * // connection      |==connect==|==tls==|########used#####|     |##used###|    idle in between
 * ```
 */
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import {
  at,
  attributeAt,
  childrenOfSpan,
  nameAt,
  type SpanIndex,
  spanAt,
  spansOfType,
  typeAt,
} from './span-index.ts';

const SETUP_PHASES: readonly string[] = [PHASES.connect, PHASES.tls];

export interface ConnectionUse {
  /** The request that waited for the connection to be made; undefined for one made in advance. */
  readonly payer: number | undefined;
  /** The others, by start. */
  readonly riders: readonly number[];
}

export interface Connections {
  /** Positions of all connections, by start. */
  readonly all: readonly number[];
  readonly useOf: ReadonlyMap<number, ConnectionUse>;
  /** Position of the connection that a request went over. */
  readonly ofRequest: ReadonlyMap<number, number>;
}

export function indexConnections(index: SpanIndex): Connections {
  const all = spansOfType(index, 'connection');
  const ofRequest = new Map<number, number>();
  if (all.length > 0) {
    for (const connection of all)
      for (const rider of linkedRequests(index, connection)) ofRequest.set(rider, connection);
    readRequests(index, ofRequest);
  }
  const riders = new Map<number, number[]>(all.map((connection) => [connection, []]));
  for (const [request, connection] of ofRequest) riders.get(connection)?.push(request);
  const byStart = (a: number, b: number): number => at(index.startNs, a) - at(index.startNs, b);
  const useOf = new Map(
    [...riders].map(([connection, requests]): [number, ConnectionUse] => {
      const payer = positionOf(index, attributeAt(index, connection, HEADWATER.paidBy));
      return [connection, { payer, riders: requests.filter((r) => r !== payer).sort(byStart) }];
    }),
  );
  return { all: all.sort(byStart), useOf, ofRequest };
}

/** A connection names its requests by links and the one that paid by an attribute; any of them may be missing. */
function linkedRequests(index: SpanIndex, connection: number): number[] {
  const { links, attributes } = spanAt(index, connection);
  const named = [...links.map(({ spanId }) => spanId), attributes[HEADWATER.paidBy]];
  return named.flatMap((id) => positionOf(index, id) ?? []).filter((i) => typeAt(index, i) === 'request');
}

function readRequests(index: SpanIndex, ofRequest: Map<number, number>): void {
  for (const request of spansOfType(index, 'request')) {
    const connection = positionOf(index, attributeAt(index, request, HEADWATER.connection));
    if (connection !== undefined && typeAt(index, connection) === 'connection')
      ofRequest.set(request, connection);
  }
}

const positionOf = (index: SpanIndex, id: unknown): number | undefined =>
  typeof id === 'string' ? index.positionOf.get(id) : undefined;

/** The phases in which the connection was made: its payer's, or its own where nobody waited for it. */
export function setupOf(index: SpanIndex, connections: Connections, connection: number): number[] {
  const payer = connections.useOf.get(connection)?.payer;
  const phasesOf = (span: number): number[] =>
    [...childrenOfSpan(index, span)].filter((child) => SETUP_PHASES.includes(nameAt(index, child)));
  const own = phasesOf(connection);
  return own.length > 0 || payer === undefined ? own : phasesOf(payer);
}

/** The requests of a connection in the order of time, the one that paid among them. */
export function requestsOf(connections: Connections, connection: number): readonly number[] {
  const use = connections.useOf.get(connection);
  if (!use) return [];
  return use.payer === undefined ? use.riders : [use.payer, ...use.riders];
}

/** When a request had the connection: from its first byte sent to its end. */
export function useOfConnection(index: SpanIndex, request: number): { startNs: number; endNs: number } {
  const sent = childrenOfSpan(index, request).find((child) => nameAt(index, child) === PHASES.send);
  return { startNs: at(index.startNs, sent ?? request), endNs: at(index.endNs, request) };
}

/** Made in advance, or lost a race, and never used. */
export const isSpare = (connections: Connections, connection: number): boolean =>
  requestsOf(connections, connection).length === 0;
