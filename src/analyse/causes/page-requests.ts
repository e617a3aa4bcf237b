/** What the rules about a page's requests ask of them, worked out once for a trace. */
import { HEADWATER, PHASES } from '../../model/attributes.ts';
import { rememberByName } from '../../model/by-name.ts';
import { uint8s } from '../../model/column-memory.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { numberAt, spansOfType, type Tree, textAt, typeOf } from '../tree.ts';
import { chainsOf } from './request-chains.ts';

export interface PageRequests {
  /** Those that were trusted with the journey's trace, or else its first page. */
  readonly own: readonly Span[];
  /** The sites whose pages the journey visits. */
  readonly ownSites: ReadonlySet<string>;
  /** Each hop of a chain of redirects → the chain's first. */
  readonly firstHopOf: ReadonlyMap<Span, Span>;
  /** Each of several that were asked one after the other → all of them, in order. */
  readonly chainOf: ReadonlyMap<Span, readonly Span[]>;
  /** By place, 1 for a request of which nothing can be said: it is no hop, no preflight, in no chain, and its server spoke. */
  readonly isPlain: Uint8Array;
}

const requestsByTree = new WeakMap<Tree, PageRequests>();

export function pageRequestsOf(tree: Tree): PageRequests {
  const known = requestsByTree.get(tree);
  if (known) return known;
  const requests = [...spansOfType(tree, 'request')].sort((a, b) => a.startNs - b.startNs);
  const firstHopOf = firstHopsOf(requests, tree);
  const chainOf = chainsOf(requests);
  const isPlain = uint8s(tree.list.length);
  for (const request of requests) {
    if (firstHopOf.has(request) || chainOf.has(request) || methodOf(request) === 'OPTIONS') continue;
    isPlain[tree.placeOf(request)] = isSilent(request, tree) ? 0 : 1;
  }
  const own = ownOf(requests);
  const ownSites = new Set(own.map((request) => siteOf(hostOf(request))));
  const made = { own, ownSites, firstHopOf, chainOf, isPlain };
  requestsByTree.set(tree, made);
  return made;
}

function ownOf(requests: readonly Span[]): readonly Span[] {
  const trusted = requests.filter(({ attributes }) => attributes['headwater.traceparent_sent'] === true);
  if (trusted.length > 0) return trusted;
  const first = requests.find((request) => kindOf(request) === 'document') ?? requests[0];
  return first ? [first] : [];
}

/** A form's answer may be a redirect as well (303 after POST): that is no detour. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function firstHopsOf(requests: readonly Span[], tree: Tree): ReadonlyMap<Span, Span> {
  const firstHopOf = new Map<Span, Span>();
  for (const request of requests) {
    const status = numberAt(request.attributes, 'http.response.status_code');
    if (status === undefined || !REDIRECTS.has(status) || methodOf(request) !== 'GET') continue;
    const before = tree.spanNamed(textAt(request.attributes, HEADWATER.initiator));
    firstHopOf.set(request, (before && firstHopOf.get(before)) ?? request);
  }
  return firstHopOf;
}

export const methodOf = ({ attributes }: Span): string =>
  textAt(attributes, 'http.request.method')?.toUpperCase() ?? 'GET';
export const kindOf = ({ attributes }: Span): string | undefined =>
  textAt(attributes, 'headwater.resource_type');
export const hostOf = ({ attributes, component }: Span): string =>
  textAt(attributes, 'server.address') ?? component.replace(/:\d+$/, '');

/**
 * Whom a host belongs to, as far as its name tells: its last two labels, three under `co.uk` and the like. Without the
 * list of public suffixes two tenants of one suffix count as one site: then nothing is said of either.
 */
export const siteOf = rememberByName((host): string => {
  if (/^[\d.]+$|:/.test(host)) return host;
  const labels = host.toLowerCase().replace(/\.$/, '').split('.');
  const isSecondLevel = (labels.at(-1)?.length ?? 0) === 2 && (labels.at(-2)?.length ?? 0) <= 3;
  return labels.slice(isSecondLevel ? -3 : -2).join('.');
});

/** A part of the request other than setting up its connection and waiting for one. */
const EXCHANGE: ReadonlySet<string> = new Set([PHASES.send, PHASES.waiting, PHASES.download]);
export const isExchange = (phase: Span): boolean => typeOf(phase) === 'phase' && EXCHANGE.has(phase.name);

export const exchangeNs = (request: Span, tree: Tree): Nanos =>
  sum(tree.childrenOf(request).filter(isExchange));

/** Without the browser's own queue. */
export function outsideNs(request: Span, tree: Tree): Nanos {
  const queued = tree.childrenOf(request).filter(({ name }) => name === PHASES.wait);
  return request.endNs - request.startNs - sum(queued);
}

const sum = (spans: readonly Span[]): Nanos =>
  spans.reduce((ns, { startNs, endNs }) => ns + endNs - startNs, 0);

/** Nobody at the other end told what it did: neither a proxy nor a service. */
export const isSilent = (request: Span, tree: Tree): boolean =>
  !tree.childrenOf(request).some((child) => typeOf(child) === 'proxy' || child.kind === 'server');
