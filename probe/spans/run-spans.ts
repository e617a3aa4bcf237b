/** Everything that was seen of a run, as spans: parents before children. */
import type { NetLog } from '../../src/import/netlog.ts';
import { HEADER_PAUSE, HEADWATER } from '../../src/model/attributes.ts';
import type { Warning } from '../../src/model/span.ts';
import { NANOS_PER_MS, unixNanoFromMs } from '../../src/model/time.ts';
import type { SeenByBrowser } from '../browser-observer.ts';
import type { Picture } from '../cdp/filmstrip.ts';
import { readMainThread } from '../cdp/main-thread.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';
import type { DnsQuery } from '../dns/upstream-query.ts';
import { browserClock } from './browser-clock.ts';
import { connectionSpans } from './connection-spans.ts';
import { dnsSpans } from './dns-spans.ts';
import { type JourneyParts, journeySpans, parentFinder, type RunSpan } from './journey-spans.ts';
import { FRAME_CLOCK, mainThreadInFrames } from './long-frame-tasks.ts';
import { netLogDnsSpans } from './netlog-dns-spans.ts';
import { momentEvent, pageSpans } from './page-spans.ts';
import { joinRequests } from './request-join.ts';
import { requestSpans } from './request-spans.ts';
import { shownPictures } from './shown-pictures.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

export interface RunRecord {
  readonly traceId: string;
  readonly run: RunSpan;
  readonly recorder: JourneyParts;
  readonly seen: SeenByBrowser;
  /** Requests that were held back: `POST https://shop.example/orders`. */
  readonly held?: readonly string[];
}

export interface RunSpans {
  readonly drafts: readonly SpanDraft[];
  readonly warnings: readonly Warning[];
  /** Those on which nothing typed can stand. */
  readonly pictures: readonly Picture[];
  readonly counts: Readonly<Record<string, number>>;
}

/** With one of these the page's main thread was seen by nobody. */
const UNSEEN_CODES: ReadonlySet<string> = new Set([
  'probe.no_trace',
  'probe.no_devtools',
  'probe.no_browser_session',
  'probe.requests_alone',
]);

function withUnseen(run: RunSpan, warnings: readonly Warning[]): RunSpan {
  if (!warnings.some(({ code }) => UNSEEN_CODES.has(code))) return run;
  return { ...run, attributes: { ...run.attributes, [HEADWATER.pageUnseen]: true } };
}

export function runSpans(
  { run, recorder, seen }: RunRecord,
  netLog: NetLog,
  queries: readonly DnsQuery[],
): RunSpans {
  const cdpRequests = seen.network.requests.map((request) => asSent(request, seen.headers.methodByNetworkId));
  const clock = browserClock(cdpRequests);
  const frameIds = new Set(cdpRequests.flatMap((request) => request.frameId ?? []));
  const mainThread = readMainThread(seen.traceEvents, frameIds, seen.pageFrameIds);
  const parentAt = parentFinder(run.spanId, recorder.steps, run.endUnixNano);
  const joined = joinRequests(cdpRequests, seen.headers.injected, netLog, clock);
  const connectionSpanIds = new Map(netLog.connections.map(({ sourceId }) => [sourceId, newSpanId()]));
  const seenRequests = { requests: joined, netLog, clock, endUnixNano: run.endUnixNano, connectionSpanIds };
  const requests = requestSpans({ ...seenRequests, parentAt });
  const connections = connectionSpans({ ...seenRequests, runSpanId: run.spanId });
  const dns = dnsSpans(queries, requests, parentAt);
  const browserDns = netLogDnsSpans(netLog, requests, parentAt, queries.length > 0);
  const { startUnixNano, endUnixNano } = run;
  const around = { startUnixNano, endUnixNano, parentAt, requests };
  const frames = mainThreadInFrames(seen.frameParts);
  const page = [
    ...(clock ? pageSpans({ ...around, mainThread, clock, source: 'trace' }) : []),
    ...pageSpans({ ...around, mainThread: frames, clock: FRAME_CLOCK, source: 'page' }),
  ];
  const moments = clock ? mainThread.moments.map((moment) => momentEvent(moment, clock)) : [];
  const events = [...moments, ...seen.page.news]
    .filter(({ timeUnixNano }) => timeUnixNano >= startUnixNano && timeUnixNano <= endUnixNano)
    .sort((a, b) => (a.timeUnixNano < b.timeUnixNano ? -1 : 1));
  const typedAt = clock ? mainThread.typedS.map((at) => unixNanoFromMs(clock.unixMs(at))) : [];
  const pictures = shownPictures(seen.pictures, recorder.actions, typedAt).filter(
    ({ timeUnixNano }) => timeUnixNano >= startUnixNano && timeUnixNano <= endUnixNano,
  );
  const inputs = page.filter((draft) => draft.type === 'interaction').map((draft) => draft.startUnixNano);
  return {
    drafts: [
      ...journeySpans(withUnseen(run, seen.warnings), recorder, { events, inputs }),
      ...page,
      ...requests,
      ...connections,
      ...dns.spans,
      ...browserDns.spans,
    ],
    warnings: [...seen.warnings, ...droppedNews(seen.page.dropped), ...netLog.warnings],
    pictures,
    counts: {
      picturesTaken: seen.pictures.length,
      picturesKept: pictures.length,
      pictureBytes: pictures.reduce((sum, { jpeg }) => sum + jpeg.length, 0),
      requests: joined.length,
      foreignDnsQueries: dns.foreign + browserDns.foreign,
      traceEvents: seen.traceEvents.length,
      headerPauses: seen.headers.injected.length,
      headerPauseMs: pausedMs(requests),
    },
  };
}

/** The page's own words tell of the request before it was changed; a redirect goes on as the browser likes. */
export function asSent(request: CdpRequest, methodByNetworkId: ReadonlyMap<string, string>): CdpRequest {
  const method = request.hop === 0 ? methodByNetworkId.get(request.requestId) : undefined;
  return method === undefined ? request : { ...request, method };
}

const droppedNews = (dropped: readonly (readonly [string, number])[]): Warning[] =>
  dropped.map(([name, count]) => ({
    code: 'probe.too_many_events',
    where: 'browser',
    message: `The page told of ${count} times "${name}"; only the first of them are kept.`,
  }));

/** What the probe itself added to requests, as far as it held them and nothing else did. */
const pausedMs = (requests: readonly SpanDraft[]): number =>
  requests
    .filter((draft) => draft.name === HEADER_PAUSE)
    .reduce((sum, draft) => sum + Number(draft.endUnixNano - draft.startUnixNano) / NANOS_PER_MS, 0);
