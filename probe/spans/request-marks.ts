/**
 * The marks of one request, from CDP where its times can be trusted, else from NetLog.
 *
 * For navigations CDP's connect times are mostly missing or clamped to the request's start (Chromium preconnects), so
 * they are taken only where they are as long as NetLog says.
 */
import type { Connection, DnsJob, Exchange, Interval, NetLog } from '../../src/import/netlog.ts';
import { PHASES } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import type { ResourceTiming } from '../cdp/network-recorder.ts';
import { netErrorName } from './net-error.ts';
import type { Mark, SetupDetail, TriedAddress } from './phases.ts';
import type { ProbeSource } from './span-draft.ts';
import { tlsAttributes } from './tls-attributes.ts';

/** Two stamps of whole milliseconds, each floored: lengths may differ by a tick at either end. */
const SAME_LENGTH_MS = 2.5;

export interface MarkInput {
  readonly exchange?: Exchange;
  readonly timing?: ResourceTiming;
  /** `timing.requestTime` in Unix milliseconds. */
  readonly requestTimeMs: number;
  /** Added to NetLog's stamps. */
  readonly shiftMs: number;
  readonly endMs: number;
  readonly connection?: Connection;
  /** Sockets that raced with the connection's and lost, or came about only after it. */
  readonly lostRaces: readonly Connection[];
  /** Lookups and connections that this request waited for in vain. */
  readonly failedDns: readonly DnsJob[];
  readonly failedConnections: readonly Connection[];
}

export function marksOf(input: MarkInput): Mark[] {
  const setup = setupMarks(input);
  return [...setup, ...(input.timing ? timingMarks(input, input.timing) : exchangeMarks(input))];
}

/** DNS, TCP and TLS of the connection that this request paid for, and of those that failed before it. */
function setupMarks(input: MarkInput): Mark[] {
  const { connection, shiftMs, endMs } = input;
  const failed = [
    ...input.failedDns.map((job) => netLogMark(PHASES.dns, job, shiftMs, endMs)),
    ...raceMarks(input.failedConnections, shiftMs, endMs),
  ];
  if (!connection) return failed;
  const marks = raceMarks([...input.lostRaces, connection], shiftMs, endMs, connection);
  return [...failed, ...marks.map((mark) => finer(mark, input))];
}

/**
 * Sockets that raced for one connection make one phase, which ends with the one that won, or else with the last to fail.
 *
 * ```
 * [2001:db8::1]:443  |-------x
 * 192.0.2.1:443              |----|
 * socket connect     |------------|
 * ```
 */
function raceMarks(
  sockets: readonly Connection[],
  shiftMs: number,
  endMs: number,
  winner?: Connection,
): Mark[] {
  const ranked = [...sockets].sort(
    (a, b) => Number(isConnected(a)) - Number(isConnected(b)) || endOf(a) - endOf(b),
  );
  const decisive = winner ?? ranked.at(-1);
  if (!decisive) return [];
  const { tls } = decisive;
  const dns = sockets.find((socket) => socket.dns)?.dns;
  const marks: Mark[] = [];
  if (dns) marks.push(netLogMark(PHASES.dns, dns, shiftMs, endMs));
  if (decisive.transport === 'tcp') marks.push(connectMark(decisive, sockets, shiftMs, endMs));
  if (tls)
    marks.push(
      withSetup(
        netLogMark(PHASES.tls, tls, shiftMs, endMs, {
          ...tlsAttributes(tls),
          'network.transport': decisive.transport,
        }),
        { shiftMs, tls },
      ),
    );
  return marks;
}

function connectMark(
  decisive: Connection,
  sockets: readonly Connection[],
  shiftMs: number,
  endMs: number,
): Mark {
  const attempts = [...sockets]
    .sort((a, b) => a.tcp.startUnixMs - b.tcp.startUnixMs)
    .flatMap((socket) =>
      socket !== decisive && endOf(socket) > endOf(decisive) ? stillOpen(socket) : triedBy(socket),
    );
  const startUnixMs = Math.min(...sockets.map((socket) => socket.tcp.startUnixMs));
  const at = { ...decisive.tcp, startUnixMs };
  const mark = netLogMark(PHASES.connect, at, shiftMs, endMs, connectAttributes(decisive, attempts));
  return withSetup(mark, { shiftMs, attempts });
}

const withSetup = (mark: Mark, setup: SetupDetail): Mark => ({ ...mark, setup });

const isConnected = ({ tcp }: Connection): boolean =>
  tcp.endUnixMs !== undefined && tcp.netError === undefined;
const endOf = ({ tcp }: Connection): number => tcp.endUnixMs ?? Number.MAX_VALUE;

/** What became of it later was nobody's concern any more. */
const stillOpen = (socket: Connection): TriedAddress[] =>
  triedBy(socket).map(({ address, startUnixMs }) => ({ address, startUnixMs }));

/** Only a socket that connected has a local address; all but its last attempt failed. */
const triedBy = ({ attempts, localAddress }: Connection): TriedAddress[] =>
  attempts.map((attempt, i) => (i === attempts.length - 1 ? { ...attempt, localAddress } : attempt));

function netLogMark(
  name: string,
  at: Interval,
  shiftMs: number,
  endMs: number,
  attributes: Attributes = {},
): Mark {
  return {
    name,
    startMs: at.startUnixMs + shiftMs,
    endMs: at.endUnixMs === undefined ? endMs : at.endUnixMs + shiftMs,
    source: 'netlog',
    error: at.netError === undefined ? undefined : netErrorName(at.netError),
    attributes: { ...attributes, 'headwater.raw_start_unix_ms': at.startUnixMs },
  };
}

/** CDP's microseconds instead of NetLog's milliseconds, where both tell of the same stretch. */
function finer(mark: Mark, { timing, requestTimeMs }: MarkInput): Mark {
  if (!timing || mark.error) return mark;
  const tcpEnd = timing.sslStart >= 0 ? timing.sslStart : timing.connectEnd;
  const at = (start: number, end: number) => ({ start, end });
  const fine: Readonly<Record<string, { start: number; end: number }>> = {
    [PHASES.dns]: at(timing.dnsStart, timing.dnsEnd),
    [PHASES.connect]: at(timing.connectStart, tcpEnd),
    [PHASES.tls]: at(timing.sslStart, timing.sslEnd),
  };
  const found = fine[mark.name];
  const startMs = requestTimeMs + (found?.start ?? 0);
  const isSame =
    found !== undefined &&
    found.start >= 0 &&
    Math.abs(found.end - found.start - (mark.endMs - mark.startMs)) <= SAME_LENGTH_MS &&
    Math.abs(startMs - mark.startMs) <= SAME_LENGTH_MS;
  return isSame ? { ...mark, startMs, endMs: requestTimeMs + found.end, source: 'cdp' } : mark;
}

function timingMarks({ requestTimeMs, endMs }: MarkInput, timing: ResourceTiming): Mark[] {
  const at = (ms: number) => requestTimeMs + ms;
  const answered = timing.receiveHeadersStart >= 0 ? timing.receiveHeadersStart : timing.sendEnd;
  if (timing.sendStart < 0) return [];
  // // sending   |-----------|      reported late: the answer was there before. When the last byte
  // // answer          |---         left is then not known, and all of it is waiting.
  const sent = timing.sendEnd < answered ? timing.sendEnd : timing.sendStart;
  return exchangePhases('cdp', at(timing.sendStart), at(sent), at(answered), endMs);
}

function exchangeMarks({ exchange, shiftMs, endMs }: MarkInput): Mark[] {
  if (exchange?.sendStartUnixMs === undefined) return [];
  const at = (unixMs: number | undefined) =>
    unixMs === undefined ? endMs : Math.min(unixMs + shiftMs, endMs);
  const { sendStartUnixMs, sendEndUnixMs, headersEndUnixMs } = exchange;
  return exchangePhases('netlog', at(sendStartUnixMs), at(sendEndUnixMs), at(headersEndUnixMs), endMs);
}

function exchangePhases(
  source: ProbeSource,
  send: number,
  sent: number,
  answered: number,
  endMs: number,
): Mark[] {
  return [
    { name: PHASES.send, startMs: send, endMs: sent, source },
    { name: PHASES.waiting, startMs: sent, endMs: answered, source },
    { name: PHASES.download, startMs: answered, endMs, source },
  ];
}

function connectAttributes(
  { localAddress, remoteAddress }: Connection,
  attempts: readonly TriedAddress[],
): Attributes {
  return {
    ...(attempts.length > 0 && {
      'headwater.connect_attempts': attempts.map(
        (a) =>
          `${a.address} ${a.netError === undefined ? (a.endUnixMs === undefined ? 'open' : 'ok') : netErrorName(a.netError)}`,
      ),
    }),
    ...(localAddress && { 'network.local.address': localAddress }),
    ...(remoteAddress && { 'network.peer.address': remoteAddress }),
  };
}

/** What a request that got no connection waited for: what worked for it by name, else by origin and time. */
export function failedSetup(
  exchange: Exchange,
  origin: string,
  netLog: NetLog,
): { failedDns: DnsJob[]; failedConnections: Connection[] } {
  const during = (at: Interval) =>
    at.startUnixMs <= (exchange.endUnixMs ?? Number.POSITIVE_INFINITY) &&
    (at.endUnixMs ?? Number.POSITIVE_INFINITY) >= exchange.startUnixMs;
  const gaveUp = (at: Interval | undefined) =>
    at !== undefined && (at.netError !== undefined || at.endUnixMs === undefined);
  const candidates = netLog.connections.filter(
    (c) => c.origin === origin && during(c.tcp) && (gaveUp(c.tcp) || gaveUp(c.tls)),
  );
  // A navigation's spare socket fails as well: one job's sockets are what was waited for.
  const jobId = exchange.connectJobId ?? candidates[0]?.jobId;
  const failedConnections = candidates.filter((c) => c.jobId === jobId);
  const taken = new Set(failedConnections.map((c) => c.dns));
  const failedDns = netLog.dnsJobs.filter(
    (job) => job.origin === origin && during(job) && gaveUp(job) && !taken.has(job),
  );
  return { failedDns, failedConnections };
}
