/** What stands in front of a bar: a name, and a quiet note of what matters most about it. */
import { HEADWATER } from '../../src/model/attributes.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import { firstOf, numberOf, pathOf, textOf } from '../panel/attribute.ts';
import type { Connections } from '../trace/connections.ts';
import type { Row } from '../trace/rows.ts';
import { childrenOfSpan, type SpanIndex, spanAt, typeOf } from '../trace/span-index.ts';
import { noteOf } from './row-note.ts';

export interface RowLabel {
  readonly name: string;
  readonly note: string;
}

export function labelOf(row: Row, index: SpanIndex, connections: Connections): RowLabel {
  if (row.kind === 'group') {
    const { title, members, kind } = row.group;
    if (kind === 'connections')
      return { name: `Connections (${members.length})`, note: 'sockets of the browser' };
    return { name: `${title} +${members.length - 1}`, note: `${members.length} alike` };
  }
  const span = spanAt(index, row.span);
  return { name: nameOf(index, row.span), note: noteOf(span, row.span, index, connections) };
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
  if (type === 'connection') return connectionName(span);
  if (type === 'interaction') return `interaction: ${span.name}`;
  if (type === 'server_timing') return `${span.name} (Server-Timing)`;
  if (type === 'host_connection') return `${span.component}’s side of the connection`;
  if (type === 'proxy' && !span.name.includes(span.component)) return `${span.component}  ${span.name}`;
  if (type === undefined && span.layer === 'service' && !span.name.includes(span.component)) {
    return `${span.component}  ${span.name}`;
  }
  return span.name;
}

/** `shop.example:443`: whom it leads to. */
function connectionName(span: Span): string {
  const host = textOf(span, 'server.address');
  if (host === undefined) return span.name;
  const port = numberOf(span, 'server.port');
  return port === undefined ? host : `${host}:${port}`;
}

/** `POST → payment /charge`: who answered says more than an address. */
function callName(index: SpanIndex, position: number, span: Span): string {
  const answer = [...childrenOfSpan(index, position)].find((child) => spanAt(index, child).kind === 'server');
  const who =
    answer === undefined ? firstOf(span, 'peer.service', 'server.address') : spanAt(index, answer).component;
  if (who === undefined) return `${span.name} (call)`;
  return `${span.name} → ${who} ${pathOf(textOf(span, 'url.full')) ?? ''}`.trimEnd();
}

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
