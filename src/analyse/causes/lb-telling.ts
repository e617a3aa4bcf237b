/** How a load balancer's problems are told: what, proof with numbers, what to look at next. */
import { HEADWATER } from '../../model/attributes.ts';
import type { Cause } from '../../model/layer.ts';
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { heldBy } from '../holders.ts';
import { enclosing, numberAt, type Tree, textAt, typeOf } from '../tree.ts';
import { counted, lengthOf, total } from './amounts.ts';
import type { Telling } from './rule.ts';
import { unevenOf, unevenProof } from './uneven-servers.ts';

const ROUND_TO_NS = 100e6;
/** A wait that ends this much after a round number was ended by a timer: event loops are some milliseconds late. */
const LATE_TIMER_NS = 15e6;
/** Whole milliseconds round down. */
const EARLY_TIMER_NS = 2e6;

/** `1.00 s, which looks like a timeout of 1 s`; timers are set to round numbers. */
function longestWait(spans: readonly Span[]): string {
  const longestNs = Math.max(0, ...spans.map(lengthOf));
  const roundNs = Math.floor((longestNs + EARLY_TIMER_NS) / ROUND_TO_NS) * ROUND_TO_NS;
  const isRound = roundNs > 0 && longestNs - roundNs <= LATE_TIMER_NS;
  return `${formatDuration(longestNs)}${isRound ? `, which looks like a timeout of ${roundNs / 1e9} s` : ''}`;
}

/** The balancers' own spans, of which the blamed ones are parts. */
const proxiesOf = (spans: readonly Span[], tree: Tree): Span[] => [
  ...new Set(spans.flatMap((span) => enclosing(tree, span, 'proxy') ?? [])),
];

/** `web-2`, or `10.0.0.1:80` where there is only an address. */
function serverOf(span: Span | undefined): string | undefined {
  const address = span && textAt(span.attributes, 'server.address');
  const port = span && textAt(span.attributes, 'server.port');
  if (!address || address === '<NOSRV>') return undefined;
  return /^[\d.]+$|:/.test(address) && port ? `${address}:${port}` : address;
}

/** `haproxy shop, backend orders`: where the balancer's own words name the group of servers. */
function groupOf(component: string, spans: readonly Span[], tree: Tree): string {
  const [proxy] = proxiesOf(spans, tree);
  const group = proxy && textAt(proxy.attributes, 'haproxy.backend');
  return group ? `${component} (backend ${group})` : component;
}

const queue: Telling = {
  what: (component, spans, tree) => `requests queued in ${groupOf(component, spans, tree)} for a free server`,
  proof(spans, tree) {
    // HAProxy counts the request itself
    const ahead = proxiesOf(spans, tree).map(
      ({ attributes }) => (numberAt(attributes, 'haproxy.backend_queue_position') ?? 1) - 1,
    );
    const most = Math.max(0, ...ahead);
    const others = most > 0 ? `, with up to ${counted(most, 'other')} before them` : '';
    const held = heldBy(spans, tree);
    return `${counted(spans.length, 'request')} queued for ${total(spans)} in all${others}${held && `; a server was ${held}`}.`;
  },
  next: (component, spans, tree) =>
    `See what kept the servers behind ${groupOf(component, spans, tree)} busy just then; only if they could do more, raise their maxconn.`,
};

/** The tries that failed, each with its server and end, as far as the balancer tells of each. */
function failedTries(spans: readonly Span[], tree: Tree): Span[] {
  return proxiesOf(spans, tree).flatMap((proxy) =>
    tree.childrenOf(proxy).filter((part) => typeOf(part) === 'proxy_try' && part.status.code === 'error'),
  );
}

const MOST_NAMED = 3;

const retry: Telling = {
  what: (component) => `${component} tried servers that did not answer before one did`,
  proof(spans, tree) {
    const failed = failedTries(spans, tree);
    const named = failed
      .slice(0, MOST_NAMED)
      .map(
        (one) =>
          `${serverOf(one) ?? one.name} after ${formatDuration(lengthOf(one))} (${one.status.message})`,
      );
    const proxies = proxiesOf(spans, tree);
    const tries = proxies.reduce(
      (sum, { attributes }) => sum + (numberAt(attributes, HEADWATER.proxyTries) ?? 1) - 1,
      0,
    );
    const answered = serverOf(proxies[0]);
    const then = answered ? `, then ${answered} answered` : '';
    if (named.length > 0) return `No answer came from ${named.join(', ')}${then}.`;
    const many = tries > 0 ? `${counted(tries, 'failed try', 'failed tries')} took` : 'Failed tries took';
    return `${many} ${longestWait(spans)}${then}.`;
  },
  next(component, spans, tree) {
    const answered = serverOf(proxiesOf(spans, tree)[0]);
    return `Which server behind ${groupOf(component, spans, tree)}${answered ? ` other than ${answered}` : ''} is down or stuck? Its health check should have taken it out.`;
  },
};

const connect: Telling = {
  what: (component, spans, tree) =>
    `${component} took long to connect to ${serverOf(proxiesOf(spans, tree)[0]) ?? 'its server'}`,
  proof: (spans) => `${counted(spans.length, 'connection')} took ${total(spans)}.`,
  next: (component, spans, tree) =>
    `Look at the accept queue of ${serverOf(proxiesOf(spans, tree)[0]) ?? `the server behind ${component}`} (ss -ltn), at the way to it, and why the connection could not be kept open.`,
};

const unevenAround = (spans: readonly Span[], tree: Tree) =>
  proxiesOf(spans, tree)
    .map((proxy) => unevenOf(proxy, tree))
    .find((found) => found !== undefined);

const uneven: Telling = {
  what: (component, spans, tree) =>
    `${component} is slow at what the other servers behind ${proxiesOf(spans, tree)[0]?.component ?? 'the load balancer'} do fast`,
  proof(spans, tree) {
    const found = unevenAround(spans, tree);
    return found ? unevenProof(found) : '';
  },
  next: (component) =>
    `Compare ${component} with the others: CPU, memory, version, settings, neighbours. Until then take it out of the balancer.`,
};

export const lbProblems: Readonly<Record<Cause, Telling>> = {
  'lb.queue': queue,
  'lb.retry': retry,
  'lb.connect': connect,
  'lb.no_server': {
    what: (component) => `${component} had no server to ask`,
    proof: (spans) => `${counted(spans.length, 'request')} waited ${total(spans)} for none.`,
    next: (component, spans, tree) =>
      `Which servers behind ${groupOf(component, spans, tree)} are up, and what do their health checks say?`,
  },
  'lb.uneven_backends': uneven,
  'lb.timeout': {
    what: (component) => `${component} gave up waiting for its server`,
    proof: (spans) => `The longest wait was ${longestWait(spans)}.`,
    next: (component) =>
      `Find what kept the server behind ${component}: its own traces and log of this time tell.`,
  },
};
