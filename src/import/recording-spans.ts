/**
 * A recording as the run that the probe would have made of it: src/model/attributes.ts draws the tree.
 *
 * ```
 * run    |------------------------------------------|   from the first to the last that was recorded
 * step   |-----------------|      |---------------|     a page, or a `test.step`
 * request  |--| |------------|      |--|                of its page where the file says so, else of the step it began in
 * ```
 * Ids come of what is in the file: read twice, it brings the same spans twice, which are one when they are stitched.
 */
import { HEADWATER, PHASES, present, type SpanType } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Layer } from '../model/layer.ts';
import type { ImportResult, ReportedEvent, ReportedSpan, SpanLink } from '../model/span.ts';
import type { Nanos, UnixNano } from '../model/time.ts';
import {
  addTo,
  type RecordedConnection,
  type RecordedPart,
  type RecordedPhase,
  type RecordedRequest,
  type Recording,
  type Stretch,
} from './recording.ts';
import { serverTimingSpans } from './recording-server-timing.ts';
import { hostOf, pathOf } from './url-parts.ts';

/** One kernel clock stamped everything in a recording. */
const CLOCK = 'browser';

export function recordingSpans(recording: Recording): ImportResult {
  const { parts, requests, connections, warnings } = recording;
  const extent = extentOf([...parts, ...requests]);
  if (!extent) return { spans: [], warnings };
  const maker = new SpanMaker(recording);
  const parentOf = stepFinder(parts, maker);
  const events = byOwner(recording.events, extent, (at) => parentOf(at).spanId);
  return {
    spans: [
      maker.run(extent, events.get(maker.runSpanId) ?? []),
      ...parts.map((part) => maker.part(part, events.get(maker.idOf(part.key)) ?? [])),
      ...requests.flatMap((request) =>
        maker.request(request, parentOf(request.startUnixNano, request.stepKey)),
      ),
      ...connections
        .filter(({ startUnixNano }) => startUnixNano <= extent.endUnixNano)
        .map((connection) => maker.connection(connection, extent)),
    ],
    warnings,
  };
}

interface Owner {
  readonly spanId: string;
}

/** The step that was named, else the innermost one under way at an instant, else the run. */
function stepFinder(parts: readonly RecordedPart[], maker: SpanMaker) {
  const steps = parts.filter(({ type }) => type === 'step');
  const keys = new Set(steps.map(({ key }) => key));
  return (at: UnixNano, stepKey?: string): Owner => {
    if (stepKey !== undefined && keys.has(stepKey)) return { spanId: maker.idOf(stepKey) };
    const open = steps.filter(({ startUnixNano, endUnixNano }) => startUnixNano <= at && at <= endUnixNano);
    const inner = open.at(-1);
    return { spanId: inner ? maker.idOf(inner.key) : maker.runSpanId };
  };
}

function byOwner(
  events: readonly ReportedEvent[],
  { startUnixNano, endUnixNano }: Stretch,
  ownerAt: (at: UnixNano) => string,
): Map<string, ReportedEvent[]> {
  const eventsByOwner = new Map<string, ReportedEvent[]>();
  for (const event of events) {
    if (event.timeUnixNano < startUnixNano || event.timeUnixNano > endUnixNano) continue;
    const owner = ownerAt(event.timeUnixNano);
    const known = eventsByOwner.get(owner);
    if (known) known.push(event);
    else eventsByOwner.set(owner, [event]);
  }
  return eventsByOwner;
}

function extentOf(stretches: readonly Stretch[]): Stretch | undefined {
  const [first] = stretches;
  if (!first) return undefined;
  let { startUnixNano, endUnixNano } = first;
  for (const stretch of stretches) {
    if (stretch.startUnixNano < startUnixNano) startUnixNano = stretch.startUnixNano;
    if (stretch.endUnixNano > endUnixNano) endUnixNano = stretch.endUnixNano;
  }
  return { startUnixNano, endUnixNano };
}

interface Draft extends Stretch {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly type: SpanType;
  readonly name: string;
  readonly layer: Layer;
  readonly component: string;
  readonly kind?: 'client';
  readonly error?: string | undefined;
  readonly precisionNs?: Nanos;
  readonly attributes?: ReportedSpan['attributes'];
  readonly events?: readonly ReportedEvent[];
  readonly links?: readonly SpanLink[];
}

const LAYER_BY_PHASE: Readonly<Record<string, Layer>> = {
  [PHASES.dns]: 'dns',
  [PHASES.connect]: 'tcp',
  [PHASES.tls]: 'tls',
  [PHASES.send]: 'network',
  [PHASES.waiting]: 'network',
  [PHASES.download]: 'network',
};

class SpanMaker {
  readonly #recording: Recording;
  readonly #traceId: string;
  readonly #requestsByConnection = new Map<string, RecordedRequest[]>();
  readonly runSpanId: string;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.#traceId = traceIdOf(recording);
    this.runSpanId = this.idOf('run');
    for (const request of recording.requests) {
      if (request.connectionKey !== undefined)
        addTo(this.#requestsByConnection, request.connectionKey, request);
    }
  }

  idOf(key: string): string {
    return spanIdOf(this.#traceId, key);
  }

  run(extent: Stretch, events: readonly ReportedEvent[]): ReportedSpan {
    const { title, attributes, error } = this.#recording;
    return this.#span({
      ...extent,
      spanId: this.runSpanId,
      type: 'run',
      name: title,
      layer: 'browser',
      component: 'journey',
      error,
      attributes: { [HEADWATER.journey]: title, ...attributes },
      events,
    });
  }

  part(part: RecordedPart, events: readonly ReportedEvent[]): ReportedSpan {
    const { key, parentKey, type, name, layer = 'browser', error, startUnixNano, endUnixNano } = part;
    return this.#span({
      startUnixNano,
      endUnixNano,
      spanId: this.idOf(key),
      parentSpanId: parentKey === undefined ? this.runSpanId : this.idOf(parentKey),
      type,
      name,
      layer,
      component: 'journey',
      error,
      attributes: part.attributes ?? {},
      events: [...(part.events ?? []), ...events],
    });
  }

  request(request: RecordedRequest, parent: Owner): ReportedSpan[] {
    const { key, method, url, error, phases, precisionNs, startUnixNano, endUnixNano, links } = request;
    const spanId = this.idOf(key);
    const span = this.#span({
      startUnixNano,
      endUnixNano,
      spanId,
      parentSpanId: parent.spanId,
      type: 'request',
      name: `${method} ${pathOf(url)}`,
      kind: 'client',
      layer: 'browser',
      component: hostOf(url),
      error: error && (/^\d+$/.test(error) ? `HTTP ${error}` : error),
      precisionNs,
      attributes: {
        'http.request.method': method,
        'url.full': url,
        ...request.attributes,
        ...(error && { 'error.type': error }),
        ...present({
          [HEADWATER.connection]: request.connectionKey && this.idOf(request.connectionKey),
          [HEADWATER.initiator]:
            (request.initiatorKey && this.idOf(request.initiatorKey)) ??
            request.attributes[HEADWATER.initiator],
        }),
      },
      ...(links && { links }),
    });
    const laid = phases.map((phase, i) => this.#phase(phase, request, `${key} phase ${i}`));
    return [span, ...laid, ...serverTimingSpans(span, laid)];
  }

  #phase(phase: RecordedPhase, request: RecordedRequest, key: string): ReportedSpan {
    const layer = LAYER_BY_PHASE[phase.name] ?? 'browser';
    const peer = request.attributes['network.peer.address'];
    return this.#span({
      ...phase,
      spanId: this.idOf(key),
      parentSpanId: this.idOf(request.key),
      type: 'phase',
      layer,
      component: layer === 'browser' ? CLOCK : String(peer ?? hostOf(request.url)),
      precisionNs: request.precisionNs,
    });
  }

  /** A socket may be open for long after: that is no part of the run. */
  connection(connection: RecordedConnection, extent: Stretch): ReportedSpan {
    const { key, host, component, paidBy, error, startUnixNano } = connection;
    const endUnixNano =
      connection.endUnixNano < extent.endUnixNano ? connection.endUnixNano : extent.endUnixNano;
    const carried = this.#requestsByConnection.get(key) ?? [];
    return this.#span({
      startUnixNano,
      endUnixNano,
      spanId: this.idOf(key),
      parentSpanId: this.runSpanId,
      type: 'connection',
      name: `connection to ${host}`,
      layer: 'tcp',
      component,
      error,
      attributes: {
        ...connection.attributes,
        ...present({
          [HEADWATER.paidBy]: paidBy && this.idOf(paidBy),
          'headwater.connection.requests': carried.length,
        }),
      },
      links: carried.map((request) => ({
        traceId: this.#traceId,
        spanId: this.idOf(request.key),
        attributes: { 'headwater.role': request.key === paidBy ? 'paid' : 'rode' },
      })),
    });
  }

  #span(draft: Draft): ReportedSpan {
    const { spanId, parentSpanId, name, startUnixNano, endUnixNano, type, layer, component, error } = draft;
    return {
      traceId: this.#traceId,
      spanId,
      ...(parentSpanId === undefined ? undefined : { parentSpanId }),
      name,
      kind: draft.kind ?? 'internal',
      startUnixNano,
      endUnixNano: endUnixNano < startUnixNano ? startUnixNano : endUnixNano,
      status: error === undefined ? { code: 'unset' } : { code: 'error', message: error },
      attributes: {
        ...draft.attributes,
        [HEADWATER.type]: type,
        [HEADWATER.layer]: layer,
        [HEADWATER.component]: component,
      },
      events: draft.events ?? [],
      links: draft.links ?? [],
      resource: {},
      source: this.#recording.source,
      clock: CLOCK,
      evidence: 'measured',
      precisionNs: draft.precisionNs ?? this.#recording.precisionNs,
    };
  }
}

/** The same file always makes the same trace. */
function traceIdOf({ source, title, parts, requests }: Recording): string {
  const said = [
    ...parts.map(({ key, name, startUnixNano }) => `${key} ${name} ${startUnixNano}`),
    ...requests.map(({ key, method, url, startUnixNano, endUnixNano }) =>
      [key, method, url, startUnixNano, endUnixNano].join(' '),
    ),
  ];
  const text = said.join('\n');
  return spanIdOf(`${source} ${title}`, text) + spanIdOf(text, title);
}
