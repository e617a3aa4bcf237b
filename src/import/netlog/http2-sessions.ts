/**
 * HTTP/2 sessions: what one connection was used for once it spoke HTTP/2, and how that ended.
 *
 * Read: the socket, the limits that the server set, streams opened, GOAWAY, the reason of the end, and where streams
 * had to wait (stalls.ts). Ignored: frames, windows one by one, pings, priorities.
 */
import { dependencyOf, type NetLogEvent, numberOf, textOf } from './events.ts';
import { beginOf, type Interval, interval, type Sources } from './interval.ts';

export interface Http2Session extends Interval {
  readonly sourceId: number;
  /** Source id of its socket. */
  readonly socketId?: number;
  /** Streams that the browser opened. */
  readonly streams: number;
  /** SETTINGS_MAX_CONCURRENT_STREAMS, as the server set it. */
  readonly maxConcurrentStreams?: number;
  /** SETTINGS_INITIAL_WINDOW_SIZE, in bytes: how much of an upload may be under way in one stream. */
  readonly initialWindowBytes?: number;
  /** The server asked to open no more streams. */
  readonly goAwayUnixMs?: number;
  /** Chromium's words. */
  readonly closedBecause?: string;
  readonly closeError?: number;
}

/** Setting numbers of RFC 9113 §6.5.2. */
const MAX_CONCURRENT_STREAMS = 3;
const INITIAL_WINDOW_SIZE = 4;

export function readHttp2Sessions(sources: Sources): Http2Session[] {
  const sessions: Http2Session[] = [];
  for (const [sourceId, events] of sources) {
    if (events[0]?.sourceType === 'HTTP2_SESSION') sessions.push(readSession(sourceId, events));
  }
  return sessions;
}

function readSession(sourceId: number, events: readonly NetLogEvent[]): Http2Session {
  const startUnixMs = beginOf(events, 'HTTP2_SESSION')?.unixMs ?? events[0]?.unixMs ?? 0;
  const initialized = events.find((e) => e.type === 'HTTP2_SESSION_INITIALIZED');
  const close = events.find((e) => e.type === 'HTTP2_SESSION_CLOSE');
  return {
    ...interval(events, 'HTTP2_SESSION', startUnixMs),
    sourceId,
    socketId: initialized && dependencyOf(initialized),
    streams: events.filter((e) => e.type === 'HTTP2_SESSION_SEND_HEADERS').length,
    maxConcurrentStreams: setting(events, MAX_CONCURRENT_STREAMS),
    initialWindowBytes: setting(events, INITIAL_WINDOW_SIZE),
    goAwayUnixMs: events.find((e) => e.type === 'HTTP2_SESSION_RECV_GOAWAY')?.unixMs,
    closedBecause: textOf(close?.params.description),
    closeError: numberOf(close?.params.net_error) || undefined,
  };
}

/** The last value counts: `{"id":"3 (SETTINGS_MAX_CONCURRENT_STREAMS)","value":6}` */
function setting(events: readonly NetLogEvent[], number: number): number | undefined {
  const said = events.findLast(
    (e) => e.type === 'HTTP2_SESSION_RECV_SETTING' && textOf(e.params.id)?.startsWith(`${number} `),
  );
  return numberOf(said?.params.value);
}
