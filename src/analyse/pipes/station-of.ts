/**
 * Which station a span belongs to: who was at work, or was waiting, while it was open. Connections, handshakes and the
 * network between two have no station of their own: they belong to whoever asked, and are a part of the pipe.
 */
import type { Layer } from '../../model/layer.ts';
import type { StationKind } from '../../model/pipes.ts';
import type { Span } from '../../model/trace.ts';
import { textAt, typeOf } from '../tree.ts';

export interface StationName {
  readonly kind: StationKind;
  readonly layer: Layer;
  readonly name: string;
}

export const stationId = ({ kind, name }: Pick<StationName, 'kind' | 'name'>): string => `${kind}:${name}`;

export const BROWSER: StationName = { kind: 'browser', layer: 'browser', name: 'Browser' };
/** Who is asked for names: the browser's own resolver, the system's, or one on the way; its upstream servers are others. */
export const RESOLVER: StationName = { kind: 'names', layer: 'dns', name: 'Name look-up' };

const KIND: Readonly<Partial<Record<Layer, 'lb' | 'service' | 'db'>>> = {
  lb: 'lb',
  service: 'service',
  db: 'db',
};

/** @returns undefined where the span has none of its own: its parent's station is its */
export function ownStationOf(span: Span, parent: StationName | undefined): StationName | undefined {
  const type = typeOf(span);
  if (type === 'server_timing') return undefined;
  if (type === 'dns_query')
    return textAt(span.attributes, 'server.address') ? named('names', 'dns', span) : undefined;
  if (type === 'phase' && span.layer === 'dns' && parent?.kind === 'browser') return RESOLVER;
  if (type === 'request' || type === 'run' || span.layer === 'browser') return BROWSER;
  const kind = KIND[span.layer];
  if (!kind || isPartOf(span, kind, parent)) return undefined;
  return named(kind, span.layer, span);
}

/** Phases of a proxy, and what a database does for one statement, are of the station that they lie in. */
function isPartOf(span: Span, kind: StationKind, parent: StationName | undefined): boolean {
  if (parent?.kind !== kind) return false;
  if (kind === 'lb') return typeOf(span) !== 'proxy';
  return kind === 'db' && (typeOf(span) !== undefined || span.kind === 'internal');
}

const named = (kind: StationKind, layer: Layer, { component }: Span): StationName => ({
  kind,
  layer,
  name: component,
});

/** Never on the path, and told again by the requests that they carried. */
export const isAside = (span: Span): boolean => {
  const type = typeOf(span);
  return type === 'connection' || type === 'host_connection';
};
