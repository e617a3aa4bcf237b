/** Why no connection was free, for a reader who does not know the browser's inner names. */
import type { Span } from '../../src/model/trace.ts';
import { textOf } from './attribute.ts';

/** By NetLog's name of what held the request up. */
const WHY: Readonly<Record<string, string>> = {
  SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP:
    'Six connections to this host were busy: over HTTP/1.1 a browser makes no more, so the request queued for one',
  SOCKET_POOL_STALLED_MAX_SOCKETS: 'The browser had as many connections open as it allows itself',
  HTTP2_SESSION_STALLED_MAX_STREAMS:
    'The server allows so many requests at once on one HTTP/2 connection, and all were taken',
  HTTP2_SESSION_STREAM_STALLED_BY_SESSION_SEND_WINDOW:
    'The upload waited until the server had read what was sent on the connection before',
  HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW:
    'The upload waited until the server had read what was sent of this request before',
  HTTP_STREAM_JOB_THROTTLED:
    'A first HTTP/2 connection to this host was being made; the browser waited to share it rather than make another',
  HTTP_STREAM_JOB_WAITING: 'The browser tried another way to the host first, such as HTTP/3',
  SOCKET_POOL:
    'A connection was being made, on this request’s behalf or another’s, and the request waited for it',
};

export function whyStalled(span: Span): string | undefined {
  const kind = textOf(span, 'headwater.stall') ?? '';
  return Object.hasOwn(WHY, kind) ? WHY[kind] : undefined;
}
