/**
 * Sockets of the browser: TCP attempts, TLS, and the DNS job that each connection waited for.
 *
 * ```
 * HOST_RESOLVER_IMPL_JOB  HOST_RESOLVER_MANAGER_JOB |---------|
 * SOCKET                               TCP_CONNECT            |-----|
 *                                      SSL_CONNECT                  |------|         (tls-handshake.ts)
 * ```
 * A connect job names its origin in `group_id`; the DNS job names it in `host`. A preconnect asks for DNS from another
 * source than the request that uses the socket, so a connection finds its DNS job by origin and time.
 */
import type { ConnectAttempt, Connection, DnsJob, DnsTransaction } from './connection.ts';
import { dependencyOf, type NetLogEvent, numberOf, textOf } from './events.ts';
import type { Http2Session } from './http2-sessions.ts';
import { beginOf, errorOf, interval, type Sources } from './interval.ts';
import { readQuicSessions } from './quic-sessions.ts';
import { readTls } from './tls-handshake.ts';

/** One tick: times are whole milliseconds, so what follows may carry the stamp of what it follows. */
const TICK_MS = 1;

export function readDnsJobs(sources: Sources): DnsJob[] {
  const jobs: DnsJob[] = [];
  for (const [sourceId, events] of sources) {
    const begin = beginOf(events, 'HOST_RESOLVER_MANAGER_JOB');
    if (!begin) continue;
    const transactions = events
      .filter((e) => e.type === 'DNS_TRANSACTION')
      .flatMap((e) => readTransaction(sources.get(dependencyOf(e) ?? -1) ?? []) ?? []);
    const origin = normalOrigin(textOf(begin.params.host) ?? '');
    jobs.push({
      sourceId,
      origin,
      transactions,
      ...interval(events, 'HOST_RESOLVER_MANAGER_JOB', begin.unixMs),
    });
  }
  return jobs;
}

function readTransaction(events: readonly NetLogEvent[]): DnsTransaction | undefined {
  const begin = beginOf(events, 'DNS_TRANSACTION');
  if (!begin) return undefined;
  return {
    name: textOf(begin.params.hostname) ?? '',
    queryType: numberOf(begin.params.query_type) ?? 0,
    ...interval(events, 'DNS_TRANSACTION', begin.unixMs),
  };
}

/**
 * Every socket that tried to connect, those that failed or lost a race included, by start. `used` are the source ids
 * of sockets that carried an exchange, and of connect jobs that worked for one.
 */
export function readConnections(
  sources: Sources,
  dnsJobs: readonly DnsJob[],
  used: ReadonlySet<number | undefined>,
  sessions: readonly Http2Session[],
): Connection[] {
  const sessionBySocket = new Map(sessions.map((session) => [session.socketId, session]));
  const connections: Connection[] = readQuicSessions(sources);
  for (const [sourceId, events] of sources) {
    if (events[0]?.sourceType !== 'SOCKET') continue;
    const begin = beginOf(events, 'TCP_CONNECT');
    if (!begin) continue;
    const jobId = jobOfSocket(events);
    const origin = originOfJob(sources.get(jobId ?? -1) ?? []);
    const http2 = sessionBySocket.get(sourceId);
    connections.push({ ...readSocket(sourceId, events, begin), origin, jobId, ...(http2 && { http2 }) });
  }
  connections.sort((a, b) => a.tcp.startUnixMs - b.tcp.startUnixMs);
  return claimDns(connections, dnsJobs, used);
}

function readSocket(
  sourceId: number,
  events: readonly NetLogEvent[],
  begin: NetLogEvent,
): Omit<Connection, 'origin'> {
  const end = events.find((e) => e.type === 'TCP_CONNECT' && e.phase === 'end');
  const tls = readTls(events);
  const closing = events.find((e) => e.type === 'SOCKET_POOL_CLOSING_SOCKET');
  return {
    sourceId,
    transport: 'tcp',
    tcp: interval(events, 'TCP_CONNECT', begin.unixMs),
    attempts: readAttempts(events),
    localAddress: textOf(end?.params.local_address),
    remoteAddress: textOf(end?.params.remote_address),
    ...(tls && { tls }),
    closedUnixMs: events.find((e) => e.type === 'SOCKET_ALIVE' && e.phase === 'end')?.unixMs,
    closedBecause: textOf(closing?.params.reason),
    lastActUnixMs: events.at(-1)?.unixMs ?? begin.unixMs,
    bytesSent: bytesOf(events, 'SOCKET_BYTES_SENT'),
    bytesReceived: bytesOf(events, 'SOCKET_BYTES_RECEIVED'),
  };
}

const bytesOf = (events: readonly NetLogEvent[], type: string): number =>
  events.reduce((sum, e) => sum + (e.type === type ? (numberOf(e.params.byte_count) ?? 0) : 0), 0);

function readAttempts(events: readonly NetLogEvent[]): ConnectAttempt[] {
  const attempts: ConnectAttempt[] = [];
  for (const event of events) {
    if (event.type !== 'TCP_CONNECT_ATTEMPT') continue;
    if (event.phase === 'begin') {
      attempts.push({ address: textOf(event.params.address) ?? '', startUnixMs: event.unixMs });
      continue;
    }
    const open = attempts.pop();
    if (open) attempts.push({ ...open, endUnixMs: event.unixMs, ...errorOf(event) });
  }
  return attempts;
}

function jobOfSocket(events: readonly NetLogEvent[]): number | undefined {
  const alive = beginOf(events, 'SOCKET_ALIVE');
  return alive && dependencyOf(alive);
}

/** A connect job says for which origin it works: `pm/https://example.com <https://site.example>`. */
function originOfJob(job: readonly NetLogEvent[]): string {
  const group = job.map((e) => textOf(e.params.group_id)).find((id) => id !== undefined);
  return normalOrigin(/(?:https?|wss?):\/\/[^\s<]+/.exec(group ?? '')?.[0] ?? '');
}

/** A connection begins as soon as its lookup is done; an older answer came out of the browser's own cache. */
const MAX_DNS_TO_CONNECT_MS = 100;

/**
 * A connection's DNS job is the newest of its origin that was done just when it began; each job pays for one
 * connection. Chromium opens a spare socket for a navigation: those that carried something come first.
 *
 * ```
 * dns job      |--------|
 * spare socket          |---|
 * used socket            |---|       takes it
 * later                          |---|   was served from the host cache: no DNS of its own
 * ```
 */
function claimDns(
  connections: readonly Connection[],
  jobs: readonly DnsJob[],
  used: ReadonlySet<number | undefined>,
): Connection[] {
  const free = new Set(jobs.filter((job) => job.endUnixMs !== undefined));
  const dnsOf = new Map<Connection, DnsJob>();
  const usedFirst = [...connections].sort((a, b) => Number(isUsed(b, used)) - Number(isUsed(a, used)));
  for (const connection of usedFirst) {
    const dns = [...free].filter((job) => leadsTo(job, connection)).at(-1);
    if (!dns) continue;
    free.delete(dns);
    dnsOf.set(connection, dns);
  }
  return connections.map((connection) => {
    const dns = dnsOf.get(connection);
    return dns ? { ...connection, dns } : connection;
  });
}

const isUsed = ({ sourceId, jobId }: Connection, used: ReadonlySet<number | undefined>): boolean =>
  used.has(sourceId) || (jobId !== undefined && used.has(jobId));

function leadsTo(job: DnsJob, { origin, tcp }: Connection): boolean {
  const gapMs = tcp.startUnixMs - (job.endUnixMs ?? Number.POSITIVE_INFINITY);
  return job.origin === origin && gapMs >= -TICK_MS && gapMs <= MAX_DNS_TO_CONNECT_MS;
}

/** `https://host:443/` and `https://host` are one origin; a bare host stays what it is. */
export function normalOrigin(text: string): string {
  try {
    const url = new URL(text);
    return `${url.protocol}//${url.host}`;
  } catch {
    return text;
  }
}
