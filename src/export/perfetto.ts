/**
 * A run in the JSON format of Chrome's traces: opens in ui.perfetto.dev, chrome://tracing and speedscope.
 *
 * ```
 * process "critical path"     one row: whose time it was, with its cause
 * process per component       browser, haproxy, checkout, postgresql …
 *   thread 1, 2, 3 …          spans that lie inside each other share one; what overlaps goes to the next
 * flow                        from a call to who answered it in another process
 * instant                     what happened in a span: paints, console errors, retries
 * ```
 * Times are µs with fractions, from the first span on: as Unix µs a double would lose the nanoseconds.
 *
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format)
 */

import type { RunView } from '../model/report.ts';
import type { Attributes } from '../model/span.ts';
import type { Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';

interface Placed {
  readonly pid: number;
  readonly tid: number;
}

export type TraceEvent = Placed & { readonly name: string } & (
    | { readonly ph: 'M'; readonly args: Readonly<Record<string, unknown>> }
    | (Timed & { readonly ph: 'X'; readonly dur: number })
    | (Timed & { readonly ph: 'i'; readonly s: 't' })
    | (Timed & { readonly ph: 's'; readonly id: number })
    | (Timed & { readonly ph: 'f'; readonly id: number; readonly bp: 'e' })
  );

interface Timed {
  readonly cat: string;
  /** µs */
  readonly ts: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

export interface PerfettoFile {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string>>;
}

const PATH_PID = 1;
const FIRST_COMPONENT_PID = 2;
/** Lanes that are looked through for a free place; a thousand requests at once are still told apart. */
const MAX_LANES = 2_000;

export function perfettoOf({ trace, report, path }: RunView): PerfettoFile {
  const startNs = trace.spans.reduce((least, span) => Math.min(least, span.startNs), 0);
  const usOf = (ns: Nanos): number => (ns - startNs) / 1_000;
  const places = placesOf(trace.spans);
  const spanById = new Map(trace.spans.map((span) => [span.spanId, span]));
  return {
    traceEvents: [
      ...processNames(trace.spans),
      ...path.map(
        (piece): TraceEvent => ({
          ...{ ph: 'X', name: piece.cause || piece.layer, cat: 'critical path', pid: PATH_PID, tid: 1 },
          ...{ ts: usOf(piece.startNs), dur: usOf(piece.endNs) - usOf(piece.startNs) },
          args: {
            layer: piece.layer,
            component: piece.component,
            evidence: piece.evidence,
            span: spanById.get(piece.spanId)?.name ?? piece.spanId,
          },
        }),
      ),
      ...trace.spans.flatMap((span) => spanEvents(span, places.get(span)!, usOf)),
      ...flows(trace.spans, spanById, places, usOf),
    ],
    displayTimeUnit: 'ms',
    otherData: {
      trace_id: report.traceId,
      journey: report.journey,
      verdict: report.verdict.sentence,
      start_unix_nano: String(BigInt(trace.originUnixNano) + BigInt(startNs)),
      made_by: 'Headwater',
    },
  };
}

function processNames(spans: readonly Span[]): TraceEvent[] {
  const named = (pid: number, name: string): TraceEvent[] => [
    { ph: 'M', name: 'process_name', pid, tid: 0, args: { name } },
    { ph: 'M', name: 'process_sort_index', pid, tid: 0, args: { sort_index: pid } },
  ];
  return [
    ...named(PATH_PID, 'critical path'),
    ...[...processesOf(spans)].flatMap(([name, pid]) => named(pid, name)),
  ];
}

/** In the browser's process is whatever it timed itself, also where another component had the time. */
const processOf = (span: Span): string =>
  span.clock === 'browser' || span.clock === 'probe' ? 'browser' : span.component;

function processesOf(spans: readonly Span[]): Map<string, number> {
  const pidByName = new Map<string, number>();
  for (const span of spans) {
    const name = processOf(span);
    if (!pidByName.has(name)) pidByName.set(name, FIRST_COMPONENT_PID + pidByName.size);
  }
  return pidByName;
}

/** Spans that are open on one lane, outermost first: each lies within the one before. */
type Lane = Nanos[];

/**
 * A thread's slices must lie inside each other, or beside each other:
 * ```
 * // lane 1   |--------------------|   |------|
 * //            |----|  |---|
 * // lane 2                  |-------|            reaches out of the one that it began in
 * ```
 */
function placesOf(spans: readonly Span[]): Map<Span, Placed> {
  const pidByName = processesOf(spans);
  const lanesByPid = new Map<number, Lane[]>();
  const places = new Map<Span, Placed>();
  const byStart = spans
    .map((span, i) => ({ span, i }))
    .sort((a, b) => a.span.startNs - b.span.startNs || b.span.endNs - a.span.endNs || a.i - b.i);
  for (const { span } of byStart) {
    const pid = pidByName.get(processOf(span))!;
    const lanes = lanesByPid.get(pid) ?? [];
    lanesByPid.set(pid, lanes);
    const at = lanes.slice(0, MAX_LANES).findIndex((lane) => fits(span, lane));
    const lane = at < 0 ? lanes.push([]) - 1 : at;
    lanes[lane]!.push(span.endNs);
    places.set(span, { pid, tid: lane + 1 });
  }
  return places;
}

function fits(span: Span, lane: Lane): boolean {
  while (lane.length > 0 && lane.at(-1)! <= span.startNs) lane.pop();
  return lane.length === 0 || lane.at(-1)! >= span.endNs;
}

function spanEvents(span: Span, place: Placed, usOf: (ns: Nanos) => number): TraceEvent[] {
  return [
    {
      ...place,
      ph: 'X',
      name: span.name,
      cat: span.layer,
      ts: usOf(span.startNs),
      dur: usOf(span.endNs) - usOf(span.startNs),
      args: argsOf(span),
    },
    ...span.events
      .filter(({ timeNs }) => timeNs >= span.startNs && timeNs <= span.endNs)
      .map(
        (event): TraceEvent => ({
          ...place,
          ph: 'i',
          s: 't',
          name: event.name,
          cat: 'event',
          ts: usOf(event.timeNs),
          args: jsonAttributes(event.attributes),
        }),
      ),
  ];
}

const argsOf = (span: Span): Readonly<Record<string, unknown>> => ({
  span_id: span.spanId,
  component: span.component,
  source: span.source,
  evidence: span.evidence,
  ...(span.status.code === 'error' && { error: span.status.message ?? 'failed' }),
  ...(span.placed.length > 0 && { placed: span.placed.join('; ') }),
  ...jsonAttributes(span.attributes),
});

/** JSON has no NaN, and null says nothing. */
const jsonAttributes = (attributes: Attributes): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [
      key,
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ]),
  );

/** An arrow from the call to its answer, where another process gave it. It must leave from inside the call's slice. */
function flows(
  spans: readonly Span[],
  spanById: ReadonlyMap<string, Span>,
  places: ReadonlyMap<Span, Placed>,
  usOf: (ns: Nanos) => number,
): TraceEvent[] {
  let id = 0;
  return spans.flatMap((span): TraceEvent[] => {
    const parent = spanById.get(span.parentId ?? '');
    const [from, to] = [parent && places.get(parent), places.get(span)];
    if (!parent || !from || !to || from.pid === to.pid) return [];
    const leavesNs = Math.min(Math.max(span.startNs, parent.startNs), parent.endNs);
    id++;
    return [
      { ...from, ph: 's', id, name: 'call', cat: 'call', ts: usOf(leavesNs) },
      { ...to, ph: 'f', bp: 'e', id, name: 'call', cat: 'call', ts: usOf(span.startNs) },
    ];
  });
}
