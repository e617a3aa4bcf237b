/** Two runs → what is different, span by span and part by part. `compare(a, b)` is `−compare(b, a)`. Pure. */
import type { ComparedSide, Comparison, SpanChange, SpanOccurrence } from '../../model/comparison.ts';
import type { PathPiece, RunReport, RunView } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span, Trace } from '../../model/trace.ts';
import { lastingName } from '../lasting-name.ts';
import { textAt, typeOf } from '../tree.ts';
import { type AlignedSpan, align } from './align.ts';
import { connectionChanges } from './connections.ts';
import { layerChanges, partChanges } from './parts.ts';
import { sentenceOf } from './sentence.ts';
import { presenceOf, stepChanges } from './steps.ts';
import { addressParts } from './template.ts';

/** The least of a run that is needed. */
export interface ComparableRun {
  readonly report: Pick<
    RunReport,
    'traceId' | 'journey' | 'status' | 'startUnixNano' | 'wallNs' | 'ledger' | 'steps'
  > & { readonly verdict: Pick<RunReport['verdict'], 'sentence'> };
  readonly path: RunView['path'];
  readonly trace: Pick<Trace, 'spans' | 'rootId'>;
}

export function compare(a: ComparableRun, b: ComparableRun): Comparison {
  const [sideA, sideB] = [sideOf(a.report), sideOf(b.report)];
  const parts = partChanges(a.report.ledger, b.report.ledger);
  const spans = spanChanges(a, b);
  return {
    a: sideA,
    b: sideB,
    deltaNs: sideA.wallNs - sideB.wallNs,
    sentence: sentenceOf(sideA, sideB, parts, spans.every(isUnchanged)),
    notes: notesOf(sideA, sideB),
    layers: layerChanges(a.report.ledger, b.report.ledger),
    parts,
    restNs: 0,
    steps: stepChanges(a.report, b.report),
    connections: connectionChanges(a.trace.spans, b.trace.spans),
    spans,
  };
}

export const sideOf = (report: ComparableRun['report']): ComparedSide => ({
  kind: 'run',
  traceId: report.traceId,
  journey: report.journey,
  status: report.status,
  startUnixNano: report.startUnixNano,
  wallNs: report.wallNs,
  sentence: report.verdict.sentence,
  runs: 1,
});

export function notesOf(a: ComparedSide, b: ComparedSide): string[] {
  const notes: string[] = [];
  if (a.journey !== b.journey)
    notes.push(
      `These are two journeys, “${short(a.journey)}” and “${short(b.journey)}”: only what both do is told apart.`,
    );
  if (a.status === 'failed' && b.status === 'ok')
    notes.push('This run failed and the other did not: it ended early, or waited for what never came.');
  if (a.status === 'ok' && b.status === 'failed')
    notes.push(
      'The other run failed and this one did not: the other ended early, or waited for what never came.',
    );
  return notes;
}

const short = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

const isUnchanged = ({ kind, deltaNs, ownDeltaNs }: SpanChange): boolean =>
  kind === 'both' && deltaNs === 0 && ownDeltaNs === 0;

function spanChanges(a: ComparableRun, b: ComparableRun): SpanChange[] {
  const [inA, inB] = [occurrences(a), occurrences(b)];
  return align(withoutSockets(a.trace), withoutSockets(b.trace)).map((pair) => spanChange(pair, inA, inB));
}

/**
 * A socket lives as long as the browser likes, and tells again what the requests on it have told: what was paid for it
 * is compared by host.
 */
function withoutSockets({ spans, rootId }: ComparableRun['trace']): ComparableRun['trace'] {
  const left = new Set<string>();
  const kept = spans.filter((span) => {
    const type = typeOf(span);
    const isSocket = type === 'connection' || type === 'host_connection' || left.has(span.parentId ?? '');
    if (isSocket) left.add(span.spanId);
    return !isSocket;
  });
  return { spans: kept, rootId };
}

type Occurrences = (span: Span | undefined) => SpanOccurrence | null;

function occurrences({ path, trace }: ComparableRun): Occurrences {
  const ownNs = ownTimes(path);
  const originNs =
    (trace.spans.find(({ spanId }) => spanId === trace.rootId) ?? trace.spans[0])?.startNs ?? 0;
  return (span) =>
    span
      ? {
          spanId: span.spanId,
          startNs: span.startNs - originNs,
          ns: span.endNs - span.startNs,
          ownNs: ownNs.get(span.spanId) ?? 0,
        }
      : null;
}

function ownTimes(path: readonly PathPiece[]): Map<string, Nanos> {
  const ownNs = new Map<string, Nanos>();
  for (const { spanId, startNs, endNs } of path)
    ownNs.set(spanId, (ownNs.get(spanId) ?? 0) + endNs - startNs);
  return ownNs;
}

function spanChange(pair: AlignedSpan, inA: Occurrences, inB: Occurrences): SpanChange {
  const [a, b] = [inA(pair.a), inB(pair.b)];
  const span = (pair.a ?? pair.b)!;
  const isElsewhere = pair.a && pair.b && lastingName(pair.a.component) !== lastingName(pair.b.component);
  return {
    parent: pair.parent,
    kind: presenceOf(a, b),
    name: nameOf(span),
    type: typeOf(span) ?? null,
    layer: span.layer,
    component: span.component,
    ...(isElsewhere && { otherComponent: pair.b.component }),
    a,
    b,
    deltaNs: (a?.ns ?? 0) - (b?.ns ?? 0),
    ownDeltaNs: (a?.ownNs ?? 0) - (b?.ownNs ?? 0),
  };
}

/** A client that names its span by the method alone is told by what it asked for. */
function nameOf({ name, attributes }: Span): string {
  const method = textAt(attributes, 'http.request.method') ?? '';
  const address = addressParts(textAt(attributes, 'url.full') ?? '');
  if (!address || !/^[A-Z]{3,7}\b/.test(name)) return name;
  return `${method || name} ${address.path}`;
}
