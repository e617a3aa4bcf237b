/** What a span is: the first of the four answers, with the kind of thing that happened and its most telling numbers. */
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import { typeOf } from '../trace/span-index.ts';
import { isStruck } from '../waterfall/row-bars.ts';
import { countOf, firstOf, grouped, numberOf, planTextOf, textOf } from './attribute.ts';
import { whyStalled } from './stall.ts';

/** The kind of thing that it is, with its most telling numbers. */
export function describe(span: Span): string {
  switch (typeOf(span)) {
    case 'run':
      return 'The whole journey';
    case 'step':
      return 'A step of the journey';
    case 'action':
      return 'What the journey did in the page, as Playwright saw it';
    case 'task':
      return 'The page’s main thread was busy';
    case 'task_part':
      return 'A script had the page’s main thread to itself';
    case 'request':
      return describeRequest(span);
    case 'phase':
      return PHASE_MEANING[span.name] ?? `A phase of the request: ${span.name}`;
    case 'dns_query':
      return `One DNS question (${firstOf(span, 'headwater.dns.question_type', 'dns.question.type') ?? 'any'} ${firstOf(span, 'dns.question.name') ?? ''}) to ${span.component}`;
    case 'connect_attempt':
      return describeAttempt(span);
    case 'tls_flight':
      return describeFlight(span);
    case 'stall':
      return whyStalled(span) ?? `No connection was free for the request: ${span.name}`;
    case 'server_timing':
      return `${span.component} said in its answer that “${firstOf(span, 'headwater.server_timing.description') ?? span.name}” took ${saidMs(span)}`;
    case 'wait':
      return `The page waited for something it had set itself: ${span.name}`;
    case 'interaction':
      return `From a person’s input (${span.name}) to the next picture`;
    case 'host_connection':
      return `The same connection as the kernel of ${span.component} saw it`;
    case 'proxy_try':
      return `${span.component} tried a server (${span.name})`;
    case 'call':
      return `One call, tried ${grouped(numberOf(span, HEADWATER.tries) ?? 0)} times`;
    case 'backoff':
      return 'The pause before the call was tried again';
    case 'proxy':
      return `The load balancer ${span.component} took the request and passed it on`;
    case 'proxy_phase':
      return `Inside ${span.component}: ${span.name}`;
    case 'db_server':
      return `What ${span.component} said that it did for this query`;
    case 'plan_node':
      return describePlan(span);
    default:
      return describeServiceSpan(span);
  }
}

const PHASE_MEANING: Readonly<Record<string, string>> = {
  [PHASES.wait]: 'The request waited for a connection to be free',
  [PHASES.dns]: 'The host’s name was looked up',
  [PHASES.connect]: 'A TCP connection was made: one round trip',
  [PHASES.tls]: 'The connection was encrypted: keys agreed, certificate checked',
  [PHASES.send]: 'The request was written to the connection',
  [PHASES.waiting]: 'The browser waited for the first byte of the answer',
  [PHASES.download]: 'The answer’s body came in',
};

function describeAttempt(span: Span): string {
  const address = firstOf(span, 'network.peer.address') ?? span.name;
  const port = firstOf(span, 'network.peer.port');
  const to = `${address}${port === undefined ? '' : ` port ${port}`}`;
  return isStruck(span) && span.status.code !== 'error'
    ? `One of several addresses tried at once, ${to}: another answered first`
    : `One try to reach ${to} by TCP`;
}

function describeFlight(span: Span): string {
  const who = firstOf(span, 'headwater.tls.turn');
  const turn = who === undefined ? '' : `, the ${who === 'client' ? 'browser' : who}’s turn`;
  return `A part of the TLS handshake: ${span.name}${turn}`;
}

/** As the server put it, which may be longer than what is drawn. */
function saidMs(span: Span): string {
  const ms = numberOf(span, 'headwater.server_timing.duration_ms');
  return ms === undefined ? formatDuration(span.endNs - span.startNs) : `${ms} ms`;
}

function describeRequest(span: Span): string {
  const status = numberOf(span, 'http.response.status_code');
  const size = numberOf(span, 'http.response.body.size');
  const version = textOf(span, 'network.protocol.version');
  const facts = [
    status !== undefined && `answered ${status}`,
    size !== undefined && `${grouped(size)} bytes`,
    version && `HTTP/${version}`,
  ];
  return ['One HTTP exchange of the browser', ...facts.filter(Boolean)].join(', ');
}

function describePlan(span: Span): string {
  const relation = planTextOf(span, 'relation');
  const rows = countOf(span, 'rows');
  const node = planTextOf(span, 'node_type') ?? span.name;
  const gave = rows === undefined ? '' : `, giving ${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;
  return `A node of the query’s plan: ${node}${relation ? ` on ${relation}` : ''}${gave}`;
}

function describeServiceSpan(span: Span): string {
  if (span.layer === 'db') return `A query that was sent to ${span.component}`;
  if (span.layer === 'unknown') return 'Time that no source explains';
  if (span.evidence === 'inferred')
    return `Time between what two sides saw, counted as ${LAYER_NAME[span.layer]}`;
  if (span.kind === 'server') return `${span.component} handled a request`;
  if (span.kind === 'client') return `${span.component} called another service and waited`;
  return `Work inside ${span.component}`;
}
