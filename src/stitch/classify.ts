/**
 * Which layer a report belongs to, and who spent the time. A source that knows says so in `headwater.*`; for the
 * rest, OpenTelemetry semantic conventions decide.
 */
import { HEADWATER, isPoolWait, type SpanType, spanType } from '../model/attributes.ts';
import { rememberByName } from '../model/by-name.ts';
import { type Layer, layerNamed } from '../model/layer.ts';
import type { Attributes, AttributeValue, ReportedSpan } from '../model/span.ts';
import { connectionLayerOf } from './connection-layer.ts';

/** Asked with the key written out at the place: that is found far quicker than one that is handed over. */
const textIn = (value: AttributeValue | undefined): string | undefined => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
};

export const typeOf = (attributes: Attributes): SpanType | undefined => spanType(attributes[HEADWATER.type]);

/** `db.system` was renamed to `db.system.name` in semantic conventions 1.30; both are in the wild. */
export const databaseSystem = (attributes: Attributes): string | undefined =>
  textIn(attributes['db.system.name']) ?? textIn(attributes['db.system']);

/** What a draft is, as its report tells. */
export interface Classified {
  type: SpanType | undefined;
  layer: Layer;
  component: string;
  /** Its source did not say what it is: a load balancer that reports by OpenTelemetry looks like that. */
  isUntold: boolean;
}

export function classify(report: ReportedSpan): Classified {
  const classified: Classified = { type: undefined, layer: 'service', component: '', isUntold: false };
  classifyInto(classified, report);
  return classified;
}

/** The same into an object that is there: a million of them would be thrown away at once. */
export function classifyInto(classified: Classified, report: ReportedSpan): void {
  const { attributes, name } = report;
  const said = attributes[HEADWATER.layer];
  const layer = layerNamed(said);
  const component = textIn(attributes[HEADWATER.component]);
  classified.type = typeOf(attributes);
  classified.isUntold = false;
  if (layer !== undefined && component !== undefined) {
    classified.layer = layer;
    classified.component = component;
    return;
  }
  const system = databaseSystem(attributes);
  const isPool = system !== undefined && isPoolWait(name);
  classified.isUntold = said === undefined && system === undefined && classified.type === undefined;
  classified.layer = layer ?? (system === undefined || isPool ? layerByName(report) : 'db');
  classified.component = component ?? ownerOf(report, isPool ? undefined : system);
}

/** Whoever is no database. */
const layerByName = (report: ReportedSpan): Layer =>
  isPoolWait(report.name) ? 'service' : (connectionLayerOf(report) ?? 'service');

function ownerOf({ attributes, resource, source }: ReportedSpan, system: string | undefined): string {
  if (!system) return textIn(resource['service.name']) ?? source;
  const namespace = textIn(attributes['db.namespace']) ?? textIn(attributes['db.name']);
  return namespace ? databaseNamed(system, namespace) : system;
}

/** One string for each database, however many statements it was asked. */
const databasesOf = rememberByName((system) => rememberByName((namespace) => `${system} ${namespace}`));
const databaseNamed = (system: string, namespace: string): string => databasesOf(system)(namespace);

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
  const chosen = textIn(resource['service.name']);
  const unchosen = UNCHOSEN_SERVICE.exec(chosen ?? '')?.[1];
  const told: readonly (readonly [where: string, value: string | undefined])[] = [
    ['webengine.name', textIn(resource['webengine.name'])],
    ['process.executable.name', textIn(resource['process.executable.name'])],
    ['service.name', unchosen],
    ['instrumentation scope', scope],
  ];
  for (const [where, value] of told) {
    const program = PROXY_PROGRAM.exec(value ?? '')?.[1]?.toLowerCase();
    if (program) return { name: unchosen || !chosen ? program : chosen, sign: `${where} names ${program}` };
  }
  // Envoy tags each of its spans so, and Istio with it
  if (textIn(attributes.component) === 'proxy')
    return { name: unchosen ?? chosen ?? 'envoy', sign: 'component is "proxy"' };
  return undefined;
}
