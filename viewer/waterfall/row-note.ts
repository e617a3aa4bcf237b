/** The quiet words after a row's name: what matters most about it, and is not in its bar. */
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { Span } from '../../src/model/trace.ts';
import { countOf, firstOf, grouped, numberOf, textOf } from '../panel/attribute.ts';
import type { Connections } from '../trace/connections.ts';
import { childrenOfSpan, type SpanIndex, spanAt, typeOf } from '../trace/span-index.ts';
import { isStruck } from './row-bars.ts';

export function noteOf(span: Span, position: number, index: SpanIndex, connections: Connections): string {
  const type = typeOf(span);
  if (type === 'connection') return connectionNote(span, position, connections);
  if (span.status.code === 'error') return textOf(span, 'http.response.status_code') ?? failureNote(span);
  switch (type) {
    case 'request':
      return requestNote(span, position, index);
    case 'phase':
      return phaseNote(span);
    case 'dns_query':
      return [textOf(span, 'server.address'), firstOf(span, 'headwater.dns.rcode', 'dns.response_code')]
        .filter(Boolean)
        .join(' · ');
    case 'plan_node':
      return planNote(span);
    case 'connect_attempt':
      return isStruck(span) ? 'lost the race' : (textOf(span, 'network.peer.address') ?? '');
    case 'tls_flight':
      return flightNote(span);
    case 'server_timing':
      return 'where it lay is inferred';
    case 'proxy_try':
      return textOf(span, 'http.response.status_code') ?? '';
    case 'host_connection':
      return retransmitNote(span);
    case 'call':
      return `${grouped(numberOf(span, HEADWATER.tries) ?? 0)} tries`;
    case 'proxy_phase':
    case 'db_server':
      return span.name.toLowerCase().includes(span.component.toLowerCase()) ? '' : span.component;
    default:
      return span.layer === 'unknown' ? 'nobody could say' : '';
  }
}

function requestNote(span: Span, position: number, index: SpanIndex): string {
  const names = [...childrenOfSpan(index, position)].map((child) => spanAt(index, child).name);
  const paid = names.includes(PHASES.connect) || names.includes(PHASES.tls) ? 'paid the connection' : '';
  const status = numberOf(span, 'http.response.status_code');
  return [status !== undefined && status >= 300 ? String(status) : '', paid].filter(Boolean).join(' · ');
}

function phaseNote(span: Span): string {
  if (span.name === PHASES.dns) return textOf(span, 'dns.question.name') ?? '';
  if (span.name === PHASES.tls) {
    const resumed = span.attributes['tls.resumed'];
    return resumed === undefined ? '' : resumed === true ? 'resumed' : 'full';
  }
  return '';
}

function planNote(span: Span): string {
  const rows = countOf(span, 'rows');
  const removed = countOf(span, 'removed');
  if (rows === undefined) return '';
  return removed
    ? `${grouped(rows + removed)} → ${grouped(rows)} rows`
    : `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

/** `unused`, `3 rode free`. */
function connectionNote(span: Span, position: number, connections: Connections): string {
  const use = connections.useOf.get(position);
  const riders = use?.riders.length ?? 0;
  const paid = use?.payer !== undefined;
  const version = textOf(span, 'network.protocol.version');
  const said =
    !paid && riders === 0
      ? 'never used'
      : `${paid ? '1 paid' : 'made in advance'}, ${grouped(riders)} rode free`;
  const failed = span.status.code === 'error' ? failureNote(span) : '';
  return [failed, said, version && `HTTP/${version}`].filter(Boolean).join(' · ');
}

const failureNote = (span: Span): string => {
  const type = textOf(span, 'error.type');
  return type === undefined || type === 'error' ? 'failed' : `failed: ${type}`;
};

function flightNote(span: Span): string {
  const turn = textOf(span, 'headwater.tls.turn');
  return turn === undefined ? '' : `the ${turn === 'client' ? 'browser' : turn}’s turn`;
}

function retransmitNote(span: Span): string {
  const count = numberOf(span, 'headwater.tcp.retransmits');
  return count === undefined ? '' : count === 0 ? 'nothing sent twice' : `${grouped(count)} sent twice`;
}
