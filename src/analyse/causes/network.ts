/**
 * The network: time a client waited while no server says that it worked.
 * A piece is `network.out` before the server, `network.back` after it, and `network.unexplained` when only one side spoke.
 */
import { PHASES } from '../../model/attributes.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import { enclosing, isDatabaseClient, isResidual, numberAt, type Tree, typeOf } from '../tree.ts';
import { lengthOf } from './amounts.ts';
import { crowdedByBrowser } from './crowd.ts';
import { failureOf } from './db-failure.ts';
import { isToldByServer } from './db-statement.ts';
import { downloadOf, type Hop, hopNamed, hopOfStatement, sharedNs, usualShare } from './hops.ts';
import type { Blame, Family } from './rule.ts';
import { serverBehind } from './servers.ts';
import { blameOfLateness, LONG_PAUSE_NS } from './service-pause.ts';

/** One way across a continent is under 50 ms; a hop that costs more, where both ends were seen, is slow. */
export const SLOW_HOP_NS = 80e6;
/** There and back between two hosts of one region is under 2 ms, and two busy event loops need as much again. */
export const LONG_WAY_NS = 5e6;
/** A database's round trip is under 1 ms in one region; on a machine with eight times too much to do, quiet runs had 2 ms. */
export const LONG_WAY_TO_DATABASE_NS = 3e6;
/** One quick call shows that a way is short; it takes a few to show that it is long. */
const CALLS_THAT_TELL = 2;
const STATEMENTS_THAT_TELL = 3;
/** Less than this in the whole run made nobody wait. */
const WORTH_NAMING_NS = 20e6;
/** A page's usual parts come in a few ms each once they have begun; longer than this, size and speed matter. */
export const LONG_DOWNLOAD_NS = 40e6;
/** What TCP sends in its first two round trips (RFC 6928: 10 segments, then 20): if less than this is slow, size is not why. */
export const LARGE_BODY_BYTES = 44_000;

const CAUSE_OF_PHASE: Readonly<Record<string, string>> = {
  [PHASES.send]: 'network.out',
  [PHASES.waiting]: 'network.unexplained',
  [PHASES.download]: 'network.receive',
};

function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span, situation } = segment;
  const isWait = isResidual(span) && typeOf(span) === undefined;
  const isPhase = typeOf(span) === 'phase' && CAUSE_OF_PHASE[span.name] !== undefined;
  if ((isWait || isPhase) && longDownload(segment, tree)) return { cause: 'network.download' };
  if (isWait) return lateEnd(segment, tree) ?? residual(segment, tree);
  if (isPhase) {
    if (situation === 'before') return { cause: 'network.out' };
    if (situation === 'after') return { cause: 'network.back' };
    return { cause: CAUSE_OF_PHASE[span.name]! };
  }
  // A database client that waited longer than its server says it worked: the hop, the protocol and the planning.
  if (isDatabaseClient(span) && isToldByServer(span, tree) && !failureOf(span, tree))
    return statement(segment, tree);
  return undefined;
}

/** What lies between a load balancer and its server, or between the load balancer and the browser. */
function around(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (typeOf(span) !== 'proxy_phase') return undefined;
  if (span.name === 'transfer' && longDownload(segment, tree)) return toBrowser(span, tree);
  const proxy = tree.parentOf(span);
  const server = span.name === 'server' && proxy && segment.situation !== 'self' && serverBehind(proxy, tree);
  if (!server) return undefined;
  const late = segment.situation === 'before' && blameOfLateness(server, segment, tree);
  if (late) return late;
  const component = `${proxy.component} → ${server.component}`;
  const hop = hopNamed(component, tree);
  return isLong(hop)
    ? slowHop(segment, component, { hop, longNs: LONG_WAY_NS, otherwise: 'network.out' }, tree)
    : undefined;
}

const isOfBrowser = (client: Span): boolean => typeOf(client) === 'request' || typeOf(client) === 'phase';

/** The server that began late, or the client that noticed the answer late. */
function lateEnd(segment: Segment, tree: Tree): Blame | undefined {
  const client = tree.parentOf(segment.span);
  if (!client) return undefined;
  const end = segment.span.name === 'network out' ? serverBehind(client, tree) : client;
  // A browser's processes are not those of who reports of it.
  if (end?.layer === 'service') return blameOfLateness(end, segment, tree);
  const isLong = segment.endNs - segment.startNs >= LONG_PAUSE_NS;
  return isLong && isOfBrowser(client) ? crowdedByBrowser(segment, tree) : undefined;
}

/** A load balancer that cannot pass an answer on as fast as it gets it waits for the client to read. */
const toBrowser = (phase: Span, tree: Tree): Blame => ({
  cause: 'network.download',
  layer: 'network',
  component: `browser → ${enclosing(tree, phase, 'proxy')?.component ?? phase.component}`,
});

/**
 * ```
 * // request    |-----------------------------------|
 * // download               |-----------------------|    long
 * // server       |-------|                              had handed everything over
 * // segment             |--------------------------|    at least half of it is the download's
 * ```
 */
function longDownload(segment: Segment, tree: Tree): boolean {
  const request = requestOf(segment.span, tree);
  const download = request && downloadOf(request, tree);
  if (!download || lengthOf(download) < LONG_DOWNLOAD_NS) return false;
  if ((numberAt(request.attributes, 'http.response.body.size') ?? 0) < LARGE_BODY_BYTES) return false;
  return sharedNs(segment, download) >= (segment.endNs - segment.startNs) / 2;
}

/** Of a phase, of a bar beside its server, of a load balancer's phase: never far up. */
function requestOf(span: Span, tree: Tree): Span | undefined {
  const parent = tree.parentOf(span);
  const above = parent && typeOf(parent) !== 'request' ? tree.parentOf(parent) : parent;
  return above && typeOf(above) === 'request' ? above : undefined;
}

function residual(segment: Segment, tree: Tree): Blame {
  const { span } = segment;
  const otherwise = span.name === 'network out' ? 'network.out' : 'network.back';
  const hop = hopNamed(span.component, tree);
  const longNs = ofBrowser(span, tree);
  if (isLong(hop, longNs)) return slowHop(segment, span.component, { hop, longNs, otherwise }, tree);
  return { cause: lengthOf(span) >= SLOW_HOP_NS ? 'network.slow_hop' : otherwise };
}

interface Slow {
  readonly hop: Hop;
  readonly longNs: Nanos;
  /** The cause of the part that a short way has as well. */
  readonly otherwise: string;
}

function slowHop(
  { startNs, endNs }: Segment,
  component: string,
  { hop, longNs, otherwise }: Slow,
  tree: Tree,
): Blame {
  const way = { layer: 'network', component } as const;
  const ns = (endNs - startNs) * usualShare(hop, tree, longNs);
  return { ...way, cause: 'network.slow_hop', usual: { ...way, cause: otherwise, ns } };
}

/** A person's own way to a server may be long: what counts as slow there is longer. */
const ofBrowser = (span: Span, tree: Tree): Nanos =>
  typeOf(tree.parentOf(span) ?? span) === 'request' ? SLOW_HOP_NS : LONG_WAY_NS;

const isLong = (hop: Hop | undefined, fromNs = LONG_WAY_NS, calls = CALLS_THAT_TELL): hop is Hop =>
  hop !== undefined && hop.calls >= calls && hop.quickestNs >= fromNs && hop.totalNs >= WORTH_NAMING_NS;

function statement(segment: Segment, tree: Tree): Blame {
  const component = hopOfStatement(segment.span, tree);
  const hop = hopNamed(component, tree);
  const otherwise = 'network.unexplained';
  return isLong(hop, LONG_WAY_TO_DATABASE_NS, STATEMENTS_THAT_TELL)
    ? slowHop(segment, component, { hop, longNs: LONG_WAY_TO_DATABASE_NS, otherwise }, tree)
    : { cause: otherwise, layer: 'network', component };
}

function hopProof(spans: readonly Span[], tree: Tree): string {
  const longestNs = Math.max(...spans.map(lengthOf));
  const hop = spans.map((span) => hopBehind(span, tree)).find((found) => isLong(found, 0));
  if (!hop || hop.quickestNs < LONG_WAY_TO_DATABASE_NS)
    return `${formatDuration(longestNs)} passed between what the client waited for and what the server did; other calls there were quicker.`;
  return `Each of ${hop.calls} calls spent at least ${formatDuration(hop.quickestNs)} there and back, ${formatDuration(hop.totalNs)} together, beside what the far end says it did.`;
}

function hopBehind(span: Span, tree: Tree): Hop | undefined {
  if (isDatabaseClient(span)) return hopNamed(hopOfStatement(span, tree), tree);
  const proxy = typeOf(span) === 'proxy_phase' ? tree.parentOf(span) : undefined;
  const server = proxy && serverBehind(proxy, tree);
  return hopNamed(proxy && server ? `${proxy.component} → ${server.component}` : span.component, tree);
}

const BYTES_PER_MEGABYTE = 1e6;

function downloadProof(spans: readonly Span[], tree: Tree): string {
  const requests = new Set(spans.flatMap((span) => requestOf(span, tree) ?? []));
  const slowest = [...requests]
    .map((request) => ({ request, ns: lengthOf(downloadOf(request, tree) ?? request) }))
    .sort((a, b) => b.ns - a.ns)[0];
  if (!slowest) return 'The body came in slowly.';
  const { request, ns } = slowest;
  const bytes = numberAt(request.attributes, 'http.response.body.size');
  return `The body of "${request.name}" took ${formatDuration(ns)} to come in${bytes ? rateText(bytes, ns) : ''}.`;
}

const megabytes = (bytes: number): string => (bytes / BYTES_PER_MEGABYTE).toPrecision(2);
const rateText = (bytes: number, ns: Nanos): string =>
  `: ${megabytes(bytes)} MB at ${((bytes * 8e3) / ns).toPrecision(2)} Mbit/s`;

export const network: Family = {
  blame,
  around,
  problems: {
    'network.slow_hop': {
      what: (component) => `the way ${component} was slow`,
      proof: hopProof,
      next: (component) =>
        `Measure the hop ${component} (ping, retransmits), and the listen queue at its far end; if it must be long, go over it less often.`,
    },
    'network.download': {
      what: () => 'a large answer came in slowly',
      proof: downloadProof,
      next: () => 'Send less (compress, leave out, in pages), or find the narrow place between the two ends.',
    },
  },
};
