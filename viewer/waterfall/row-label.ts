/** What stands in front of a bar: a name, and a quiet note of what matters most about it. */
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import { countOf, firstOf, numberOf, pathOf, textOf } from '../panel/attribute.ts';
import type { Row } from '../trace/rows.ts';
import { childrenOfSpan, type SpanIndex, spanAt, typeOf } from '../trace/span-index.ts';

export interface RowLabel {
  readonly name: string;
  readonly note: string;
}

export function labelOf(row: Row, index: SpanIndex): RowLabel {
  if (row.kind === 'group') {
    const { title, members } = row.group;
    return { name: `${title} +${members.length - 1}`, note: `${members.length} alike` };
  }
  const span = spanAt(index, row.span);
  return { name: nameOf(index, row.span), note: noteOf(span, row.span, index) };
}

/** The span's own name, or a better one where the source only gave a word. */
export function nameOf(index: SpanIndex, position: number): string {
  const span = spanAt(index, position);
  const type = typeOf(span);
  if (type === 'request') {
    const path = pathOf(textOf(span, 'url.full'));
    const method = textOf(span, 'http.request.method');
    if (path && method) return `${method} ${path}`;
  }
  if (span.kind === 'client' && /^[A-Z]{3,7}$/.test(span.name)) return callName(index, position, span);
  if (type === 'proxy' && !span.name.includes(span.component)) return `${span.component}  ${span.name}`;
  if (type === undefined && span.layer === 'service' && !span.name.includes(span.component)) {
    return `${span.component}  ${span.name}`;
  }
  return span.name;
}

/** `POST → payment /charge`: who answered says more than an address. */
function callName(index: SpanIndex, position: number, span: Span): string {
  const answer = [...childrenOfSpan(index, position)].find((child) => spanAt(index, child).kind === 'server');
  const who =
    answer === undefined ? firstOf(span, 'peer.service', 'server.address') : spanAt(index, answer).component;
  if (who === undefined) return `${span.name} (call)`;
  return `${span.name} → ${who} ${pathOf(textOf(span, 'url.full')) ?? ''}`.trimEnd();
}

function noteOf(span: Span, position: number, index: SpanIndex): string {
  if (span.status.code === 'error') return textOf(span, 'http.response.status_code') ?? 'failed';
  switch (typeOf(span)) {
    case 'request':
      return requestNote(span, position, index);
    case 'phase':
      return phaseNote(span);
    case 'dns_query':
      return [textOf(span, 'server.address'), firstOf(span, 'dns.response_code', 'dns.rcode')]
        .filter(Boolean)
        .join(' · ');
    case 'plan_node':
      return planNote(span);
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

/** `212 480`, with thin spaces that do not break. */
export const grouped = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** One line for a screen reader: everything that the bar shows. */
export function spokenOf(span: Span, onPathNs: number): string {
  const parts = [
    LAYER_NAME[span.layer],
    formatDuration(span.endNs - span.startNs),
    `from ${formatDuration(span.startNs)}`,
  ];
  if (onPathNs > 0) parts.push(`${formatDuration(onPathNs)} on the critical path`);
  if (span.evidence === 'inferred') parts.push('inferred');
  if (span.status.code === 'error') parts.push('failed');
  if (span.attributes[HEADWATER.type] === undefined) parts.push(span.component);
  return parts.join(', ');
}
