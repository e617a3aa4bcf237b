/**
 * What is known of a run while it runs, for drawing it as it grows: steps, calls, and requests with their phases.
 * A preview, made anew at every beat; the finished run is made from everything that was seen, not from this.
 *
 * ```
 * // beat                 v         v
 * // step    |----------->|-------->|      open: it ends now, and says so
 * // request    |-----|                    finished: made once
 * ```
 */
import { NO_NETLOG } from '../src/import/netlog.ts';
import { HEADWATER } from '../src/model/attributes.ts';
import type { ReportedSpan } from '../src/model/span.ts';
import type { UnixNano } from '../src/model/time.ts';
import type { BrowserObserver } from './browser-observer.ts';
import type { CdpRequest } from './cdp/network-recorder.ts';
import type { JourneyRecorder } from './journey-recorder.ts';
import { type BrowserClock, browserClock } from './spans/browser-clock.ts';
import { journeySpans, parentFinder } from './spans/journey-spans.ts';
import { joinRequests } from './spans/request-join.ts';
import { requestSpans } from './spans/request-spans.ts';
import { CLOCK_OF_SOURCE, PRECISION_OF_SOURCE, type SpanDraft } from './spans/span-draft.ts';

/** Twice a second looks alive; what a beat costs is a few milliseconds. */
const BEAT_MS = 500;
/** What beats may take of the time; on a machine that has none to spare they come less often. */
const MOST_OF_THE_TIME = 0.02;
/** Thinner pieces cannot be seen while everything grows. */
const THINNEST_PHASE_NS = 500_000n;
/** A page that never stops asking must not make each beat longer than the one before. */
const MAX_REQUESTS = 1_000;

export interface LiveInput {
  readonly traceId: string;
  readonly run: { readonly spanId: string; readonly journey: string; readonly startUnixNano: UnixNano };
  readonly recorder: JourneyRecorder;
  readonly observer: Pick<BrowserObserver, 'network' | 'headers'>;
}

/** Tells at every beat; returns how to stop. Whoever listens and fails is not told again: the run goes on. */
export function tellLive(input: LiveInput, onLive: (spans: ReportedSpan[]) => void): () => void {
  const preview = new LivePreview(input);
  let timer = setTimeout(beat, BEAT_MS);
  function beat(): void {
    const startMs = performance.now();
    try {
      onLive(preview.spans());
    } catch {
      return;
    }
    const costMs = performance.now() - startMs;
    timer = setTimeout(beat, Math.max(BEAT_MS, costMs / MOST_OF_THE_TIME));
  }
  return () => clearTimeout(timer);
}

export class LivePreview {
  private readonly input: LiveInput;
  private readonly finished = new Map<CdpRequest, ReportedSpan[]>();
  /** Requests without a `traceparent` have no id of their own before the end. */
  private readonly spanIds = new Map<CdpRequest, string>();

  constructor(input: LiveInput) {
    this.input = input;
  }

  spans(): ReportedSpan[] {
    const { recorder, run, observer } = this.input;
    const now = recorder.now();
    const open = new Set([run.spanId]);
    for (const part of [...recorder.steps, ...recorder.actions])
      if (part.endUnixNano === undefined) open.add(part.spanId);
    const drafts = journeySpans({ ...run, endUnixNano: now }, recorder, { events: [], inputs: [] });
    const requests = observer.network.requests.slice(-MAX_REQUESTS);
    const clock = browserClock(requests);
    return [
      ...drafts.map((draft) => this.reported(draft, open.has(draft.spanId))),
      ...(clock ? requests.flatMap((request) => this.requestSpans(request, clock, now)) : []),
    ];
  }

  private requestSpans(request: CdpRequest, clock: BrowserClock, now: UnixNano): ReportedSpan[] {
    const known = this.finished.get(request);
    if (known) return known;
    const { recorder, run, observer } = this.input;
    const isOpen = request.finishedS === undefined;
    const [joined] = joinRequests([request], observer.headers.injected, NO_NETLOG, clock);
    if (!joined) return [];
    const spanId = joined.injected ? joined.spanId : (this.spanIds.get(request) ?? joined.spanId);
    this.spanIds.set(request, spanId);
    const drafts = requestSpans({
      requests: [{ ...joined, spanId }],
      netLog: NO_NETLOG,
      clock,
      parentAt: parentFinder(run.spanId, recorder.steps, now),
      endUnixNano: now,
    });
    const spans = drafts
      .filter((draft) => draft.spanId === spanId || isWorthDrawing(draft))
      .map((draft) => this.reported(draft, isOpen && draft.spanId === spanId));
    if (!isOpen) this.finished.set(request, spans);
    return spans;
  }

  private reported(draft: SpanDraft, isOpen: boolean): ReportedSpan {
    const { name, kind = 'internal', startUnixNano, endUnixNano, parentSpanId, error } = draft;
    return {
      traceId: this.input.traceId,
      spanId: draft.spanId,
      ...(parentSpanId && { parentSpanId }),
      name,
      kind,
      startUnixNano,
      endUnixNano,
      // What is open has not failed, whatever it would be if the run ended now.
      status: error && !isOpen ? { code: 'error', message: error } : { code: 'unset' },
      attributes: {
        [HEADWATER.type]: draft.type,
        [HEADWATER.layer]: draft.layer,
        [HEADWATER.component]: draft.component ?? '',
        ...(isOpen && { [HEADWATER.open]: true }),
      },
      events: [],
      links: [],
      resource: {},
      source: draft.source,
      clock: CLOCK_OF_SOURCE[draft.source],
      evidence: draft.evidence ?? 'measured',
      precisionNs: draft.precisionNs ?? PRECISION_OF_SOURCE[draft.source],
    };
  }
}

const isWorthDrawing = ({ type, startUnixNano, endUnixNano }: SpanDraft): boolean =>
  type === 'phase' && endUnixNano - startUnixNano >= THINNEST_PHASE_NS;
