/**
 * Requests that a page need not have waited for: a detour over redirects, asking for leave first, others' files in the
 * way, questions put one after the other. Asked only for time that is nobody's fault by itself.
 */
import { HEADER_PAUSE } from '../../model/attributes.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { servedBy } from '../preflights.ts';
import type { Segment } from '../segment.ts';
import { enclosing, enclosingPlace, type Tree, textAt } from '../tree.ts';
import { lengthOf } from './amounts.ts';
import { crowdedByBrowser } from './crowd.ts';
import {
  exchangeNs,
  hostOf,
  isExchange,
  isSilent,
  kindOf,
  methodOf,
  outsideNs,
  pageRequestsOf,
  siteOf,
} from './page-requests.ts';
import type { Blame, Telling } from './rule.ts';

/** A file that comes sooner is the normal life of a page; above this a visitor sees the page wait. */
export const LATE_FILE_NS: Nanos = 40e6;
/** On a host that has no CPU left every file comes later; one that was held up somewhere else, later still. */
const LATE_IN_A_CROWD_NS: Nanos = 50e6;

export function aroundRequest({ span }: Segment, tree: Tree): Blame | undefined {
  if (span.name === HEADER_PAUSE) return undefined;
  const place = enclosingPlace(tree, tree.placeOf(span), 'request');
  const request = tree.list.at(place);
  const known = pageRequestsOf(tree);
  if (!request || known.isPlain[place]) return undefined;
  const firstHop = known.firstHopOf.get(request);
  if (firstHop) return blamed('browser.redirects', firstHop);
  if (methodOf(request) === 'OPTIONS') return preflight(span, request, tree);
  const chain = known.chainOf.get(request);
  // the first of them would have been asked anyway
  if (chain) return chain[0] === request ? undefined : blamed('browser.one_by_one', request);
  if (!isSilent(request, tree)) return undefined;
  return lateFile(span, request, known.ownSites, tree);
}

const blamed = (cause: string, request: Span): Blame => ({
  cause,
  layer: 'browser',
  component: hostOf(request),
});

/** Its connection would have been needed anyway, by the request that it asks leave for. */
const preflight = (span: Span, request: Span, tree: Tree): Blame | undefined =>
  servedBy(request, tree) && (span === request || !isSetup(span))
    ? blamed('browser.preflight', request)
    : undefined;

const isSetup = ({ layer }: Span): boolean => layer === 'dns' || layer === 'tcp' || layer === 'tls';

/** Another site's file is there because of the page; the way to it is part of what it costs. */
function lateFile(span: Span, request: Span, ownSites: ReadonlySet<string>, tree: Tree): Blame | undefined {
  const kind = kindOf(request);
  if (kind === undefined || kind === 'document') return undefined;
  const isOther = !ownSites.has(siteOf(hostOf(request)));
  const tookNs = isOther ? outsideNs(request, tree) : exchangeNs(request, tree);
  if (tookNs < LATE_FILE_NS || (!isOther && !isExchange(span))) return undefined;
  const crowd = tookNs < LATE_IN_A_CROWD_NS ? crowdedByBrowser(request, tree) : undefined;
  if (crowd) return crowd;
  if (isBlocking(request) && (kind === 'stylesheet' || !isOther))
    return blamed('browser.render_blocking', request);
  return isOther ? blamed('browser.third_party', request) : undefined;
}

/** The browser's own word: nothing is drawn, or not what follows in the document, before it is there. */
const isBlocking = ({ attributes }: Span): boolean =>
  /^(in body parser )?blocking$/.test(textAt(attributes, 'headwater.render_blocking') ?? '');

const requestsOf = (spans: readonly Span[], tree: Tree): Span[] => [
  ...new Set(spans.flatMap((span) => enclosing(tree, span, 'request') ?? [])),
];
const longestOf = (spans: readonly Span[], tree: Tree): Span =>
  requestsOf(spans, tree).reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a));
/** `script /widget.js` */
const fileOf = (request: Span): string => `${kindOf(request)} ${request.name.replace(/^GET /, '')}`;
const tookOf = (spans: readonly Span[], tree: Tree): string => {
  const request = longestOf(spans, tree);
  return `${request.name} from ${hostOf(request)} took ${formatDuration(lengthOf(request))}`;
};

/** In the order in which they were asked, with the page that they led to. */
function detourOf(spans: readonly Span[], tree: Tree): string {
  const hops = requestsOf(spans, tree).sort((a, b) => a.startNs - b.startNs);
  const steps = hops.map(
    (hop) => `${hostOf(hop)}${hop.name.replace(/^GET /, '')} ${formatDuration(lengthOf(hop))}`,
  );
  return `${hops.length === 1 ? 'One redirect' : `${hops.length} redirects`}: ${steps.slice(0, 5).join(', ')}${steps.length > 5 ? ', …' : ''}.`;
}

function rowOf(spans: readonly Span[], tree: Tree): string {
  const asked = requestsOf(spans, tree);
  const chain = asked[0] && pageRequestsOf(tree).chainOf.get(asked[0]);
  return `${chain?.length ?? asked.length} requests like "${longestOf(spans, tree).name}" followed each other, the longest took ${formatDuration(lengthOf(longestOf(spans, tree)))}.`;
}

export const REQUEST_PROBLEMS: Readonly<Record<string, Telling>> = {
  'browser.redirects': {
    what: (component) => `a link led over ${component}, which only sent the browser on`,
    proof: detourOf,
    next: () => 'Let the link lead to the last address, or answer the first redirect with that.',
  },
  'browser.preflight': {
    what: (component) => `the browser had to ask ${component} for leave before it could ask what it wanted`,
    proof: (spans, tree) => `${tookOf(spans, tree)} (CORS preflight).`,
    next: (component) =>
      `Send Access-Control-Max-Age from ${component}, do without the header that needs it, or serve it from the page's own origin.`,
  },
  'browser.third_party': {
    what: (component) => `the page waited for ${component}, another site`,
    proof: (spans, tree) => {
      const request = longestOf(spans, tree);
      const how = isBlocking(request) ? ', and nothing could be drawn before it' : '';
      return `${tookOf(spans, tree)}${how}; nobody there reports to this trace.`;
    },
    next: (component) =>
      `Load what comes from ${component} later (async, defer), serve it yourself, or live without it.`,
  },
  'browser.render_blocking': {
    what: (component, spans, tree) =>
      `nothing could be drawn before the ${fileOf(longestOf(spans, tree))} from ${component} was there`,
    proof: (spans, tree) =>
      `${tookOf(spans, tree)}; the browser calls it ${textAt(longestOf(spans, tree).attributes, 'headwater.render_blocking')}.`,
    next: () =>
      'Put what the first picture needs into the page, and load the rest without blocking (media, preload, defer).',
  },
  'browser.one_by_one': {
    what: (component) =>
      `the page asked ${component} for one thing after the other that it could have asked for at once`,
    proof: rowOf,
    next: () => 'Let the script ask for all of them together (Promise.all), or for a list in one request.',
  },
};
