/**
 * From the fields that every trace format has (OTLP, Zipkin, Jaeger) to a `ReportedSpan`, or to a warning.
 *
 * The clock is named after the process that stamped the span: `service.name@host.name/process.pid`, with the parts
 * that the resource does not tell left out (`service.instance.id` stands in for the pid).
 *
 * Spans that Headwater's own probe exported bring `headwater.source`, `.clock`, `.evidence` and `.precision_ns`;
 * those become the span's fields again and leave its attributes, so that the span comes back equal. An attribute that was
 * called so itself comes as `headwater.own.…` (src/export/otlp-json.ts) and gets its name back.
 */
import { HEADWATER, OWN_PREFIX } from '../model/attributes.ts';
import { isSpanId, isTraceId } from '../model/ids.ts';
import { EVIDENCE, type Evidence } from '../model/layer.ts';
import type { RunExtras } from '../model/run-extras.ts';
import type {
  Attributes,
  ImportResult,
  ReportedEvent,
  ReportedSpan,
  SpanKind,
  SpanLink,
  SpanStatus,
  Warning,
} from '../model/span.ts';
import type { UnixNano } from '../model/time.ts';
import { type MutableAttributes, setOwn } from './otlp-value.ts';

export interface BatchResult extends ImportResult {
  /** Spans that were left out, for a partial success. Each of the first few has a warning. */
  readonly rejected: number;
  /** True when the message itself could not be read to its end. */
  readonly malformed: boolean;
}

/** The process and library that a run of spans shares. */
export interface SpanOrigin {
  readonly resource: Attributes;
  readonly scope: string | undefined;
  readonly clock: string;
}

export interface SpanFields {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: SpanKind;
  startUnixNano: UnixNano;
  endUnixNano: UnixNano;
  status: SpanStatus;
  attributes: MutableAttributes;
  events: ReportedEvent[];
  links: SpanLink[];
}

export const UNSET: SpanStatus = { code: 'unset' };

/** OTLP stamps are nanoseconds, but what SDKs put into them is microseconds at best; Zipkin and Jaeger say microseconds. */
const PRECISION_NS = 1_000;
/** OpenTelemetry JS starts a span at a whole millisecond (`Date.now()`) and adds a fine duration to it. */
const PRECISION_OF_NODEJS_NS = 1_000_000;
/** A broken exporter sends the same fault with every span; a screen needs the first few. */
const MAX_WARNINGS = 20;

/** Takes out what was added to a resource when it was written out. */
export function ownResource(resource: MutableAttributes): MutableAttributes {
  if (resource[HEADWATER.named] !== true) return resource;
  delete resource[HEADWATER.named];
  delete resource['service.name'];
  return resource;
}

/** @param fallback the clock of a resource that says nothing of itself */
export function clockOf(resource: Attributes, fallback: string): string {
  const name = resource['service.name'];
  const host = resource['host.name'];
  const process = resource['process.pid'] ?? resource['service.instance.id'];
  const clock = `${name ?? ''}${host === undefined ? '' : `@${host}`}${process === undefined ? '' : `/${process}`}`;
  return clock || fallback;
}

/** Collects the spans of one message. */
export class SpanBatch {
  /** Which format: the spans' source, and the first word of every warning's code. */
  readonly source: string;
  readonly spans: ReportedSpan[] = [];
  readonly runs: RunExtras[] = [];
  readonly #warnings: Warning[] = [];
  #unlisted = 0;
  #rejected = 0;
  #malformed = false;

  constructor(source: string) {
    this.source = source;
  }

  add(fields: SpanFields, origin: SpanOrigin): void {
    if (!isTraceId(fields.traceId) || !isSpanId(fields.spanId)) {
      this.reject(
        fields,
        `trace id "${fields.traceId}" and span id "${fields.spanId}" must be 32 and 16 hex digits`,
      );
      return;
    }
    if (!isInstant(fields.startUnixNano) || !isInstant(fields.endUnixNano)) {
      this.reject(fields, 'its start and end must be times since 1970 that fit into 64 bits');
      return;
    }
    if (fields.endUnixNano < fields.startUnixNano) {
      const early = fields.startUnixNano - fields.endUnixNano;
      this.warn('end_before_start', fields.spanId, `"${fields.name}" ends ${early} ns before it starts`);
    }
    this.spans.push(reportedSpan(fields, origin, this.#parentOf(fields), this.source));
  }

  #parentOf(fields: SpanFields): string | undefined {
    const parent = fields.parentSpanId;
    if (isSpanId(parent)) return parent;
    if (parent && parent !== '0000000000000000') {
      this.warn(
        'bad_parent_id',
        fields.spanId,
        `"${fields.name}" names a parent "${parent}" that is no span id`,
      );
    }
    return undefined;
  }

  reject(fields: Pick<SpanFields, 'name'>, reason: string): void {
    this.#rejected++;
    this.warn('bad_id', this.source, `span "${fields.name}" was left out: ${reason}`);
  }

  malformed(reason: string): void {
    this.#malformed = true;
    this.warn('malformed', this.source, reason);
  }

  /** @param code without the format's name */
  warn(code: string, where: string, message: string): void {
    if (this.#warnings.length < MAX_WARNINGS)
      this.#warnings.push({ code: `${this.source}.${code}`, where, message });
    else this.#unlisted++;
  }

  result(): BatchResult {
    const warnings = [...this.#warnings];
    if (this.#unlisted) {
      warnings.push({
        code: `${this.source}.more`,
        where: this.source,
        message: `and ${this.#unlisted} more warnings like these`,
      });
    }
    const told = { spans: this.spans, warnings, rejected: this.#rejected, malformed: this.#malformed };
    return this.runs.length > 0 ? { ...told, runs: this.runs } : told;
  }
}

/** What every store can hold: a signed 64-bit integer. */
const LAST_INSTANT = 2n ** 63n - 1n;
const isInstant = (time: UnixNano): boolean => time >= 0n && time <= LAST_INSTANT;

function reportedSpan(
  fields: SpanFields,
  origin: SpanOrigin,
  parentSpanId: string | undefined,
  carrier: string,
): ReportedSpan {
  const { source, clock, evidence, precisionNs } = takeProvenance(fields.attributes);
  return {
    traceId: fields.traceId,
    spanId: fields.spanId,
    ...(parentSpanId === undefined ? undefined : { parentSpanId }),
    name: fields.name,
    kind: fields.kind,
    startUnixNano: fields.startUnixNano,
    endUnixNano: fields.endUnixNano,
    status: fields.status,
    attributes: fields.attributes,
    events: fields.events,
    links: fields.links,
    resource: origin.resource,
    ...(origin.scope ? { scope: origin.scope } : undefined),
    source: source ?? carrier,
    clock: clock ?? origin.clock,
    evidence: evidence ?? 'measured',
    precisionNs: precisionNs ?? precisionOf(origin.resource),
  };
}

const precisionOf = (resource: Attributes): number =>
  resource['telemetry.sdk.language'] === 'nodejs' ? PRECISION_OF_NODEJS_NS : PRECISION_NS;

interface Provenance {
  source?: string;
  clock?: string;
  evidence?: Evidence;
  precisionNs?: number;
}

const NO_PROVENANCE: Provenance = {};

/** Takes the attributes that stand for fields of the span; values that make no sense stay where they are. */
function takeProvenance(attributes: MutableAttributes): Provenance {
  if (
    !(HEADWATER.source in attributes || HEADWATER.clock in attributes || HEADWATER.evidence in attributes)
  ) {
    if (!(HEADWATER.precisionNs in attributes)) return NO_PROVENANCE;
  }
  const taken: Provenance = {};
  const own = Object.entries(attributes).filter(([key]) => key.startsWith(OWN_PREFIX));
  for (const [key] of own) delete attributes[key];
  take(attributes, HEADWATER.source, isText, (value) => (taken.source = value));
  take(attributes, HEADWATER.clock, isText, (value) => (taken.clock = value));
  take(attributes, HEADWATER.evidence, isEvidence, (value) => (taken.evidence = value));
  take(attributes, HEADWATER.precisionNs, isPrecision, (value) => (taken.precisionNs = value));
  for (const [key, value] of own) setOwn(attributes, key.slice(OWN_PREFIX.length), value);
  return taken;
}

function take<T>(
  attributes: MutableAttributes,
  key: string,
  fits: (value: unknown) => value is T,
  keep: (value: T) => void,
): void {
  const value: unknown = attributes[key];
  if (!fits(value)) return;
  keep(value);
  delete attributes[key];
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isEvidence = (value: unknown): value is Evidence => EVIDENCE.includes(value as Evidence);
const isPrecision = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
