/** DNS: which name server, and was it slow, silent, failing or wrong; and what the way through aliases costs. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { processTimeOf } from '../processes.ts';
import type { Segment } from '../segment.ts';
import { numberAt, spansOfType, type Tree, textAt, typeOf } from '../tree.ts';
import { lengthOf, total } from './amounts.ts';
import { crowdedByBrowser } from './crowd.ts';
import type { Blame, Family } from './rule.ts';

/** A resolver or authoritative server on the same continent answers in 1–30 ms; one upstream query above this is slow. */
export const SLOW_UPSTREAM_NS = 40e6;
/** A whole look-up, of which no query was seen: a resolver that knows nothing yet asks three or four servers in turn. */
export const SLOW_LOOKUP_NS = 100e6;
/** In runs with a slow server, the resolver waited for a CPU during a quarter of the query; on a starved host, four fifths. */
const MOST_OF_A_QUERY = 0.75;
/** One alias to a CDN and one of the CDN's own are usual; from three on, each is one more search that nobody needs. */
export const LONG_CHAIN_ALIASES = 3;
/** A TCP try is two round trips; on the same network that is under 5 ms, and not worth a word. */
export const TCP_TRY_WORTH_NAMING_NS = 5e6;
/** A failure that comes at once costs nothing but the next server's answer; from here on somebody waited for it. */
export const FAILURE_WORTH_NAMING_NS = 5e6;
/** The same for the answer that a name does not exist. */
export const NXDOMAIN_WORTH_NAMING_NS = 5e6;

const nameOf = (span?: Span): string => textAt(span?.attributes ?? {}, 'dns.question.name') ?? 'the name';
const typeName = (span: Span): string => textAt(span.attributes, 'headwater.dns.question_type') ?? '';
const question = (span: Span): string => `${nameOf(span)} ${typeName(span)}`.trim();
const isQuery = (span: Span): boolean => typeOf(span) === 'dns_query';
const rcodeOf = (span: Span): string | undefined => textAt(span.attributes, 'headwater.dns.rcode');
const errorOf = (span: Span): string | undefined => textAt(span.attributes, 'error.type');

/** Why this try was made after another one: `truncated`, `timeout`, … */
const followed = (span: Span): string | undefined => textAt(span.attributes, 'headwater.dns.follows');

/** SERVFAIL, REFUSED, a lame server, a port that nobody listens on: an answer that answers nothing. */
const hasFailed = (span: Span): boolean => errorOf(span) !== undefined && errorOf(span) !== 'aborted';

/** Only addresses: that a name has no HTTPS record of its own is the usual case. */
const isMissingName = (span: Span): boolean => rcodeOf(span) === 'NXDOMAIN' && typeName(span) !== 'HTTPS';

/**
 * The first rule that fits. What would not have happened at all without the fault (a second try, the search for an
 * alias) comes before what merely took long.
 */
function blame(segment: Segment, tree: Tree): Blame | undefined {
  const { span } = segment;
  if (span.layer !== 'dns') return undefined;
  if (!isQuery(span)) {
    const next = unneededAfter(segment, tree);
    if (next) return next;
    return { cause: isSlowLookup(span, tree) ? 'dns.slow_upstream' : 'dns.lookup' };
  }
  if (errorOf(span) === 'timeout') return { cause: 'dns.timeout_retry' };
  if (hasFailed(span) && lengthOf(span) >= FAILURE_WORTH_NAMING_NS) return { cause: 'dns.servfail_retry' };
  if (followed(span) === 'truncated' && lengthOf(span) >= TCP_TRY_WORTH_NAMING_NS)
    return { cause: 'dns.truncated_to_tcp' };
  if (isMissingName(span) && lengthOf(span) >= NXDOMAIN_WORTH_NAMING_NS) return { cause: 'dns.nxdomain' };
  if (servesLongChain(span, tree)) return { cause: 'dns.cname_chain', component: askedFor(span) };
  return isSlow(span) ? (noticedLate(span, tree) ?? { cause: 'dns.slow_upstream' }) : { cause: 'dns.lookup' };
}

/**
 * The time that the resolver itself needed before a query that was only asked because of a chain, or of a cut answer.
 * ```
 * // DNS lookup   |------------------|
 * // queries      |-cut-|··|-- TCP --|      ··: of the TCP query too
 * ```
 */
function unneededAfter({ span, endNs }: Segment, tree: Tree): Blame | undefined {
  const next = tree.childrenOf(span).find((child) => isQuery(child) && child.startNs === endNs);
  if (!next) return undefined;
  if (followed(next) === 'truncated' && lengthOf(next) >= TCP_TRY_WORTH_NAMING_NS)
    return { cause: 'dns.truncated_to_tcp', component: next.component };
  return aliasDepth(next) > 0 && servesLongChain(next, tree)
    ? { cause: 'dns.cname_chain', component: askedFor(next) }
    : undefined;
}

/** What the resolver may have noticed late is not the name server's. */
const isSlow = (span: Span, limitNs = SLOW_UPSTREAM_NS): boolean =>
  lengthOf(span) - span.precisionNs >= limitNs;

/** The resolver got no CPU for most of that time, on a host that had none left: the answer may have lain there. */
function noticedLate(span: Span, tree: Tree): Blame | undefined {
  const time = processTimeOf(span, span, tree);
  if (!time?.isStarved || time.waitedNs < MOST_OF_A_QUERY * lengthOf(span)) return undefined;
  return crowdedByBrowser(span, tree);
}

/** A look-up where no query was seen at all (a browser without a log) is judged as a whole; a service's has none ever. */
const isSlowLookup = (span: Span, tree: Tree): boolean =>
  isServices(span) ? isSlow(span) : isSlow(span, SLOW_LOOKUP_NS) && !seesQueries(tree);

/** As its client told it by OpenTelemetry: its resolver is near, and keeps what it has learnt. */
const isServices = (span: Span): boolean => typeOf(span) === undefined;

const seesQueriesByTree = new WeakMap<Tree, boolean>();
function seesQueries(tree: Tree): boolean {
  const known = seesQueriesByTree.get(tree) ?? spansOfType(tree, 'dns_query').length > 0;
  seesQueriesByTree.set(tree, known);
  return known;
}

/**
 * A query that would not have been asked if the name were no alias of an alias of an alias.
 * ```
 * // www      |--|                              no alias followed yet: not the chain's
 * // a.cdn       |--|--|--|                     the chain's
 * // b.cdn                |--- 200 ms ---|      more than all others together: this server is slow, not the chain
 * ```
 * A recursive resolver hides the chain's queries: there the one slow answer that brought the chain stands for them.
 */
function servesLongChain(span: Span, tree: Tree): boolean {
  if (chainLength(span) >= LONG_CHAIN_ALIASES && aliasDepth(span) === 0) return isSlow(span);
  if (aliasDepth(span) === 0) return false;
  const siblings = searchOf(span, tree);
  if (Math.max(...siblings.map(chainEnd)) < LONG_CHAIN_ALIASES) return false;
  const othersNs = siblings.reduce((sum, other) => sum + (other === span ? 0 : lengthOf(other)), 0);
  return !(isSlow(span) && lengthOf(span) > othersNs);
}

const aliasDepth = (span: Span): number => numberAt(span.attributes, 'headwater.dns.alias_depth') ?? 0;
function chainLength(span: Span): number {
  const aliases = span.attributes['headwater.dns.aliases'];
  return Array.isArray(aliases) ? aliases.length : 0;
}
/** How many aliases are known once this query is answered. */
const chainEnd = (span: Span): number => aliasDepth(span) + chainLength(span);

/** All queries of the same search: for one name and type, under one look-up. */
function searchOf(span: Span, tree: Tree): readonly Span[] {
  const parent = tree.parentOf(span);
  const all = parent ? tree.childrenOf(parent) : [span];
  const key = (s: Span) => `${textAt(s.attributes, 'headwater.dns.asked_for')} ${typeName(s)}`;
  return all.filter((other) => isQuery(other) && key(other) === key(span));
}

/** `name server ns1`; the system's resolver is none. */
const serverNamed = (component: string): string =>
  component.startsWith('the ') ? component : `name server ${component}`;

const askedFor = (span: Span): string => textAt(span.attributes, 'headwater.dns.asked_for') ?? nameOf(span);

const describe = (spans: readonly Span[]): string =>
  spans
    .slice(0, 3)
    .map((span) => `${question(span)} took ${formatDuration(lengthOf(span))}`)
    .join('; ');

const namesOf = (spans: readonly Span[]): string => [...new Set(spans.map(nameOf))].slice(0, 3).join(', ');

/** `SERVFAIL, REFUSED` */
const failuresOf = (spans: readonly Span[]): string =>
  [...new Set(spans.flatMap((span) => errorOf(span) ?? []))].join(', ');

function chainProof(spans: readonly Span[], tree: Tree): string {
  const first = spans[0];
  const search = first ? searchOf(first, tree) : [];
  const longest = Math.max(0, ...search.map(chainEnd));
  return `${first ? askedFor(first) : 'The name'} leads over ${longest} aliases to its address; the ${spans.length} searches for them took ${total(spans)}.`;
}

/** Whole look-ups name the browser's own resolver; queries name the server that was asked. */
const namesServer = (spans: readonly Span[]): boolean => spans.length === 0 || spans.some(isQuery);

export const dns: Family = {
  blame,
  problems: {
    'dns.slow_upstream': {
      what: (component, spans) =>
        namesServer(spans)
          ? `${serverNamed(component)} answered slowly`
          : spans.some(isServices)
            ? `${component} looked ${namesOf(spans)} up slowly`
            : `${namesOf(spans)} was looked up slowly`,
      proof: (spans) =>
        namesServer(spans)
          ? `${describe(spans)}, measured at the resolver; nothing could be sent before it.`
          : `${describe(spans)}; which name server was slow was not seen.`,
      next: (component, spans) =>
        namesServer(spans)
          ? `Ask ${component} directly (dig) and compare it with the zone's other name servers.`
          : `Ask the resolver of that machine for ${nameOf(spans[0])} (dig), then the name's own servers (dig +trace).`,
    },
    'dns.timeout_retry': {
      what: (component) => `${serverNamed(component)} did not answer, and the question was asked again`,
      proof: (spans) => `${describe(spans)} without an answer.`,
      next: (component) => `Is ${component} reachable? Take it out of the delegation until it is.`,
    },
    'dns.servfail_retry': {
      what: (component, spans) =>
        `name server ${component} answered ${failuresOf(spans) || 'with a failure'}, and the question was asked again`,
      proof: (spans) => `${describe(spans)} and brought no address (${failuresOf(spans)}).`,
      next: (component, spans) =>
        `Ask ${component} for ${nameOf(spans[0])} directly (dig); does it still serve the zone, and are its own name servers up?`,
    },
    'dns.truncated_to_tcp': {
      what: (component) =>
        `the answer of ${component} was too large for UDP, and the question was asked again over TCP`,
      proof: (spans) => `${describe(spans)} over TCP, after the UDP answer had come back truncated.`,
      next: (_component, spans) =>
        `Make the answer for ${nameOf(spans[0])} smaller (fewer records), or let the server send larger UDP answers (EDNS, 1232 bytes).`,
    },
    'dns.cname_chain': {
      what: (component, spans) => `${component} leads over a long chain of aliases (${namesOf(spans)})`,
      proof: chainProof,
      next: () =>
        'Point the name closer to its address: each alias is one more search, in the worst case from the root.',
    },
    'dns.nxdomain': {
      what: (component, spans) => `${component} says that ${namesOf(spans)} does not exist`,
      proof: (spans) => `${describe(spans)} until the answer NXDOMAIN.`,
      next: (_component, spans) =>
        `Is the name ${nameOf(spans[0])} spelt right in the page, and still in its zone?`,
    },
  },
};
