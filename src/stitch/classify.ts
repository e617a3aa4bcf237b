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
