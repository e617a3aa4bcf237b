/**
 * Stalls: why a request could not be sent at once although there was, or was about to be, a connection to its host.
 *
 * ```
 * URL_REQUEST      HTTP_STREAM_REQUEST |------------------|        SEND_REQUEST |
 * HTTP_STREAM_JOB  …_WAITING            |--|                       another way (HTTP/3) was tried first
 *                  SOCKET_POOL             |--------------|        a connection was being made for somebody else
 *                    …_STALLED_MAX_SOCKETS_PER_GROUP |----|        all six connections to the host were busy
 *                  …_JOB_THROTTLED         |--------------|        a first HTTP/2 connection to the host was under way
 * HTTP2_SESSION    …_STALLED_MAX_STREAMS                  |-----|  all streams that the server allows were open
 *                  …_STREAM_STALLED_BY_…_WINDOW                      |-----| an upload waited for the server to read
 * ```
 * NetLog tells when a stall begins; it ends when what was waited for is there. Where that leaves nothing to tell (both
 * in one tick of a millisecond), the stall stays in the list with no length.
 */
import { dependencyOf, type NetLogEvent, numberOf, textOf } from './events.ts';
import { beginOf, type Interval, type Sources } from './interval.ts';

export const STALLS = [
  'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP',
  'SOCKET_POOL_STALLED_MAX_SOCKETS',
  'HTTP2_SESSION_STALLED_MAX_STREAMS',
  'HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW',
  'HTTP2_SESSION_STREAM_STALLED_BY_SESSION_SEND_WINDOW',
  'HTTP_STREAM_JOB_THROTTLED',
  'HTTP_STREAM_JOB_WAITING',
  'SOCKET_POOL',
] as const;
/** The name of the NetLog event that says so; `SOCKET_POOL` is a wait in it that no other event explains. */
export type StallKind = (typeof STALLS)[number];

export interface Stall extends Interval {
  readonly kind: StallKind;
}

export interface StallInput {
  /** Events of one hop of a URL request. */
  readonly hop: readonly NetLogEvent[];
  readonly url: string;
  /** Events of each job that worked for the hop. */
  readonly jobs: readonly (readonly NetLogEvent[])[];
  readonly sendStartUnixMs?: number;
  /** Where the hop's HTTP/2 session had to wait. */
  readonly session?: SessionStalls;
  readonly sources: Sources;
}

export function readStalls(input: StallInput): Stall[] {
  return [
    ...input.jobs.flatMap((job) => jobStalls(job, input.sources)),
    ...maxStreamsStall(input),
    ...windowStalls(input),
  ];
}

function jobStalls(job: readonly NetLogEvent[], sources: Sources): Stall[] {
  const stalls: Stall[] = [];
  job.forEach((event, i) => {
    const startUnixMs = event.unixMs;
    if (event.type === 'HTTP_STREAM_JOB_WAITING' && event.params.should_wait === true)
      stalls.push({ kind: 'HTTP_STREAM_JOB_WAITING', startUnixMs, ...endAfter(job, i, isEndOf(event.type)) });
    else if (event.type === 'HTTP_STREAM_JOB_THROTTLED')
      stalls.push({ kind: 'HTTP_STREAM_JOB_THROTTLED', startUnixMs, ...endAfter(job, i, () => true) });
  });
  return [...stalls, ...poolStalls(job, sources)];
}

/**
 * ```
 * // SOCKET_POOL      |--------------------|
 * // STALLED_MAX_…         |          |         ends when a socket, or a place for a new one, was free
 * // CONNECT_JOB                      |---|     of the connection that was made then
 * ```
 */
function poolStalls(job: readonly NetLogEvent[], sources: Sources): Stall[] {
  const begin = beginOf(job, 'SOCKET_POOL');
  if (!begin) return [];
  const end = job.find((e) => isEndOf('SOCKET_POOL')(e))?.unixMs;
  const full = job.find((e) => e.type.startsWith('SOCKET_POOL_STALLED_'));
  const kind = STALLS.find((candidate) => candidate === full?.type);
  if (!full || !kind) return [{ kind: 'SOCKET_POOL', startUnixMs: begin.unixMs, endUnixMs: end }];
  const bound = job.find((e) => e.type === 'SOCKET_POOL_BOUND_TO_CONNECT_JOB');
  const made = beginOf(sources.get((bound && dependencyOf(bound)) ?? -1) ?? [], 'CONNECT_JOB')?.unixMs;
  const endUnixMs = made !== undefined && made >= full.unixMs && made < (end ?? made + 1) ? made : end;
  return [
    { kind: 'SOCKET_POOL', startUnixMs: begin.unixMs, endUnixMs: full.unixMs },
    { kind, startUnixMs: full.unixMs, endUnixMs },
  ];
}

const isEndOf =
  (type: string) =>
  (event: NetLogEvent): boolean =>
    event.type === type && event.phase === 'end';

function endAfter(
  events: readonly NetLogEvent[],
  index: number,
  ends: (event: NetLogEvent) => boolean,
): { endUnixMs?: number } {
  return { endUnixMs: events.find((event, i) => i > index && ends(event))?.unixMs };
}

/** Where the streams of one HTTP/2 session had to wait, in the order of the log. */
export interface SessionStalls {
  readonly maxStreamsByUrl: ReadonlyMap<string, readonly number[]>;
  readonly windowsByStream: ReadonlyMap<number, readonly { kind: StallKind; unixMs: number }[]>;
}

export function readSessionStalls(events: readonly NetLogEvent[]): SessionStalls {
  const maxStreamsByUrl = new Map<string, number[]>();
  const windowsByStream = new Map<number, { kind: StallKind; unixMs: number }[]>();
  for (const event of events) {
    const kind = STALLS.find((candidate) => candidate === event.type);
    const url = textOf(event.params.url);
    const streamId = numberOf(event.params.stream_id);
    if (kind === 'HTTP2_SESSION_STALLED_MAX_STREAMS' && url !== undefined)
      pushTo(maxStreamsByUrl, url, event.unixMs);
    else if (kind?.startsWith('HTTP2_SESSION_STREAM_STALLED') && streamId !== undefined)
      pushTo(windowsByStream, streamId, { kind, unixMs: event.unixMs });
  }
  return { maxStreamsByUrl, windowsByStream };
}

function pushTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/**
 * A stream that finds the session full is asked for again each time a place is free, so the first event counts. It
 * names the address, not the request: the same address asked for twice at a time is told apart by time only.
 */
function maxStreamsStall({ hop, url, session, sendStartUnixMs }: StallInput): Stall[] {
  const startedUnixMs = hop[0]?.unixMs ?? 0;
  const until = sendStartUnixMs ?? Number.POSITIVE_INFINITY;
  const full = session?.maxStreamsByUrl
    .get(url)
    ?.find((unixMs) => unixMs >= startedUnixMs && unixMs <= until);
  if (full === undefined) return [];
  return [{ kind: 'HTTP2_SESSION_STALLED_MAX_STREAMS', startUnixMs: full, endUnixMs: sendStartUnixMs }];
}

/** The session says that a stream stalled, the request that it goes on; neither has the other's source id. */
function windowStalls({ hop, session }: StallInput): Stall[] {
  const streamId = numberOf(hop.find((e) => e.params.stream_id !== undefined)?.params.stream_id);
  const begins = session?.windowsByStream.get(streamId ?? -1) ?? [];
  if (begins.length === 0) return [];
  const ends = hop.filter((e) => e.type === 'HTTP2_STREAM_FLOW_CONTROL_UNSTALLED').map((e) => e.unixMs);
  return begins.map(({ kind, unixMs }, i) => ({ kind, startUnixMs: unixMs, endUnixMs: ends[i] }));
}
