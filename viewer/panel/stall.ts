/** Why no connection was free, in words for a reader who does not know the browser's inner names. */
import type { Span } from '../../src/model/trace.ts';
import { firstOf } from './attribute.ts';

/** Chromium's names of what holds a request up → short for a row, long for the panel. The longer names first. */
const STALLS: readonly (readonly [name: string, short: string, why: string])[] = [
  [
    'MAX_SOCKETS_PER_GROUP',
    'all connections to the host busy',
    'Six connections to this host were busy: over HTTP/1.1 a browser makes no more, so the request queued for one.',
  ],
  [
    'MAX_SOCKETS',
    'all of the browser’s connections busy',
    'The browser had as many connections open as it allows itself.',
  ],
  [
    'MAX_STREAMS',
    'HTTP/2 stream limit',
    'The server allows so many requests at once on one HTTP/2 connection, and all were taken.',
  ],
  [
    'SESSION_SEND_WINDOW',
    'HTTP/2 flow control of the connection',
    'The upload waited until the server had read what was sent on the connection before.',
  ],
  [
    'STREAM_SEND_WINDOW',
    'HTTP/2 flow control of the request',
    'The upload waited until the server had read what was sent of this request before.',
  ],
  [
    'THROTTLED',
    'first connection to the host under way',
    'A first HTTP/2 connection to this host was being made; the browser waited to share it rather than make another.',
  ],
  [
    'JOB_WAITING',
    'another protocol tried first',
    'The browser tried another way to the host first, such as HTTP/3.',
  ],
  [
    'SOCKET_POOL',
    'waiting for a connection',
    'A connection was being made, on this request’s behalf or another’s, and the request waited for it.',
  ],
];

const found = (span: Span) => {
  const kind =
    firstOf(span, 'headwater.stall.kind', 'headwater.stall.netlog', 'headwater.stall') ?? span.name;
  return STALLS.find(([name]) => kind.includes(name));
};

/** The span's own name where that is no inner name of the browser's. */
export const stallInWords = (span: Span): string =>
  /^[A-Z0-9_]+$/.test(span.name) ? (found(span)?.[1] ?? span.name) : span.name;

export const whyStalled = (span: Span): string | undefined => found(span)?.[2];
