/**
 * Which layer a report belongs to, and who spent the time. A source that knows says so in `headwater.*`; for the
 * rest, OpenTelemetry semantic conventions decide.
 */
import { HEADWATER, isPoolWait, SPAN_TYPES, type SpanType } from '../model/attributes.ts';
import { isLayer, type Layer } from '../model/layer.ts';
import type { Attributes, ReportedSpan } from '../model/span.ts';

const text = (attributes: Attributes, ...keys: readonly string[]): string | undefined => {
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
};

export function typeOf(attributes: Attributes): SpanType | undefined {
  const value = text(attributes, HEADWATER.type);
  return SPAN_TYPES.find((type) => type === value);
}

/** `db.system` was renamed to `db.system.name` in semantic conventions 1.30; both are in the wild. */
export const databaseSystem = (attributes: Attributes): string | undefined =>
  text(attributes, 'db.system.name', 'db.system');

export function layerOf(span: ReportedSpan): Layer {
  const said = span.attributes[HEADWATER.layer];
  if (isLayer(said)) return said;
  if (isPoolWait(span.name)) return 'service';
  if (databaseSystem(span.attributes)) return 'db';
  return 'service';
}

export function componentOf(span: ReportedSpan): string {
  const said = text(span.attributes, HEADWATER.component);
  if (said) return said;
  const service = text(span.resource, 'service.name') ?? span.source;
  const system = databaseSystem(span.attributes);
  if (!system || isPoolWait(span.name)) return service;
  const namespace = text(span.attributes, 'db.namespace', 'db.name');
  return namespace ? `${system} ${namespace}` : system;
}

/**
 * Programs whose business is to pass requests on. Looked for only where the program or its instrumentation writes its
 * own name; `service.name` is a team's choice ("nginx-docs" may be anything), save in the form that an SDK makes of the
 * executable's name when nobody chose one.
 */
const PROXY_PROGRAM =
  /\b(caddy|envoy|traefik|nginx|haproxy|kong|apisix|istio-proxy|linkerd2-proxy|skipper|pomerium)\b/i;
const UNCHOSEN_SERVICE = /^unknown_service:(.+)$/;

/** The load balancer that reported this span by OpenTelemetry, and how that is known; undefined for everybody else. */
export function proxyProgram({
  attributes,
  resource,
  scope,
}: ReportedSpan): { name: string; sign: string } | undefined {
  const chosen = text(resource, 'service.name');
  const unchosen = UNCHOSEN_SERVICE.exec(chosen ?? '')?.[1];
  const told: readonly (readonly [where: string, value: string | undefined])[] = [
    ['webengine.name', text(resource, 'webengine.name')],
    ['process.executable.name', text(resource, 'process.executable.name')],
    ['service.name', unchosen],
    ['instrumentation scope', scope],
  ];
  for (const [where, value] of told) {
    const program = PROXY_PROGRAM.exec(value ?? '')?.[1]?.toLowerCase();
    if (program) return { name: unchosen || !chosen ? program : chosen, sign: `${where} names ${program}` };
  }
  // Envoy tags each of its spans so, and Istio with it
  if (text(attributes, 'component') === 'proxy')
    return { name: unchosen ?? chosen ?? 'envoy', sign: 'component is "proxy"' };
  return undefined;
}
