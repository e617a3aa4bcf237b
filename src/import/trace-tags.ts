/**
 * Tags of Zipkin and Jaeger → attributes, resource, scope and status, after OpenTelemetry's own rules for these formats.
 *
 * ```
 * span.kind                                 the span's kind
 * error, otel.status_code, …_description    its status
 * otel.scope.name, otel.library.name        its scope
 * db.type (OpenTracing)                     also as db.system.name, which later stages read
 * sql.query (Brave)                         as db.query.text, so that its quoted values are masked like any statement's
 * host.*, process.*, telemetry.sdk.*, …     the resource: they are of the process
 * ```
 * https://opentelemetry.io/docs/specs/otel/common/mapping-to-non-otlp/
 * https://github.com/opentracing/specification/blob/master/semantic_conventions.md
 */
import { type AttributeValue, SPAN_KINDS, type SpanKind, type SpanStatus } from '../model/span.ts';
import { type MutableAttributes, setOwn } from './otlp-value.ts';
import { UNSET } from './span-batch.ts';

const OF_PROCESS =
  /^(service\.(name|namespace|version|instance\.id)$|(telemetry|host|process|container|k8s|cloud|os|deployment)\.)/;

export interface TranslatedTags {
  readonly attributes: MutableAttributes;
  readonly resource: MutableAttributes;
}

export function translateTags(tags: Iterable<readonly [string, AttributeValue]>): TranslatedTags {
  const translated: TranslatedTags = { attributes: {}, resource: {} };
  const { attributes, resource } = translated;
  for (const [key, value] of tags) {
    if (key === 'sql.query') setOwn(attributes, 'db.query.text', value);
    else setOwn(OF_PROCESS.test(key) ? resource : attributes, key, value);
  }
  const isKnownDatabase = 'db.system' in attributes || 'db.system.name' in attributes;
  if (isKnownDatabase) return translated;
  const system = attributes['db.type'] ?? ('db.query.text' in attributes ? 'other_sql' : undefined);
  if (typeof system === 'string' && system) attributes['db.system.name'] = system;
  return translated;
}

/** Takes the attribute away and returns it as text. */
function taken(attributes: MutableAttributes, key: string): string | undefined {
  if (!Object.hasOwn(attributes, key)) return undefined;
  const value = String(attributes[key]);
  delete attributes[key];
  return value;
}

/** `name@version`; takes the tags away. */
export function scopeFrom(attributes: MutableAttributes): string | undefined {
  const names = ['otel.scope.name', 'otel.library.name'].map((key) => taken(attributes, key));
  const versions = ['otel.scope.version', 'otel.library.version'].map((key) => taken(attributes, key));
  const name = names.find(Boolean);
  const version = versions.find(Boolean);
  return name && version ? `${name}@${version}` : name;
}

/** Takes `otel.status_code` and `otel.status_description` away; `error` stays for whoever knows what it means there. */
export function statusFrom(attributes: MutableAttributes): SpanStatus {
  const code = taken(attributes, 'otel.status_code')?.toUpperCase();
  const message = taken(attributes, 'otel.status_description');
  if (code === 'OK') return { code: 'ok' };
  if (code === 'ERROR') return message ? { code: 'error', message } : { code: 'error' };
  return UNSET;
}

export function kindFrom(attributes: MutableAttributes): SpanKind {
  const said = taken(attributes, 'span.kind')?.toLowerCase();
  return SPAN_KINDS.find((kind) => kind === said) ?? 'internal';
}
