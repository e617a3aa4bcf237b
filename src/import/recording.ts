/**
 * What somebody else's tool recorded of a browser (a HAR, a Playwright trace, a NetLog), before it is made into spans: pages or
 * steps, calls, requests with their phases, connections. Readers fill it in; recording-spans.ts makes the run of it that
 * the probe would have made. Times are Unix nanoseconds, and each of them was in the file: what a file does not tell
 * is left out, never filled in.
 */
import type { SpanType } from '../model/attributes.ts';
import type { Layer } from '../model/layer.ts';
import type { Attributes, ReportedEvent, SpanLink, Warning } from '../model/span.ts';
import type { Nanos, UnixNano } from '../model/time.ts';

export interface Stretch {
  readonly startUnixNano: UnixNano;
  readonly endUnixNano: UnixNano;
}

export interface RecordedPhase extends Stretch {
  /** One of `PHASES` or `LOCAL_ANSWERS`. */
  readonly name: string;
  readonly error?: string;
  readonly attributes?: Attributes;
}

export interface RecordedRequest extends Stretch {
  /** Unique within the recording, and the same whenever the file is read. */
  readonly key: string;
  /** Key of the page or step that it belongs to, where the file says so. */
  readonly stepKey?: string;
  readonly method: string;
  readonly url: string;
  /** End to end, by time. */
  readonly phases: readonly RecordedPhase[];
  /** Why it failed, as `error.type` has it: a name, or the status code. */
  readonly error?: string;
  readonly attributes: Attributes;
  readonly links?: readonly SpanLink[];
  /** Key of the request that led to it: the hop before of a redirect chain, or the one that a preflight serves. */
  readonly initiatorKey?: string;
  readonly connectionKey?: string;
  readonly precisionNs: Nanos;
}

/** A page or a step of the run, or a call inside one. */
export interface RecordedPart extends Stretch {
  readonly key: string;
  readonly parentKey?: string;
  readonly type: SpanType & ('step' | 'action');
  readonly name: string;
  readonly layer?: Layer;
  readonly error?: string;
  readonly attributes?: Attributes;
  readonly events?: readonly ReportedEvent[];
}

/** A socket, from its first act to the last that the file tells of it. */
export interface RecordedConnection extends Stretch {
  readonly key: string;
  readonly host: string;
  readonly component: string;
  /** Key of the request whose DNS, TCP and TLS it was. */
  readonly paidBy?: string;
  readonly error?: string;
  readonly attributes: Attributes;
}

export interface Recording {
  /** Short name of the format: source of the spans, first word of its warnings' codes. */
  readonly source: string;
  readonly title: string;
  /** Who recorded it, and what: `WebInspector 537.36`. */
  readonly attributes: Attributes;
  readonly error?: string;
  readonly precisionNs: Nanos;
  readonly parts: readonly RecordedPart[];
  readonly requests: readonly RecordedRequest[];
  readonly connections: readonly RecordedConnection[];
  /** Of the page, by time: console errors, paints. Each goes to the step that it fell into. */
  readonly events: readonly ReportedEvent[];
  readonly warnings: readonly Warning[];
}

/** A recording may hold a hundred thousand requests to one address. */
export function addTo<K>(groups: Map<K, RecordedRequest[]>, key: K, request: RecordedRequest): void {
  const known = groups.get(key);
  if (known) known.push(request);
  else groups.set(key, [request]);
}
