/**
 * The working copy of a span while a trace is being stitched: times already relative to the origin, parent and
 * aligned times still open. Reports are never changed; a draft becomes a `Span` at the end.
 */
import { HEADWATER, type SpanType } from '../model/attributes.ts';
import type { Layer } from '../model/layer.ts';
import type { ReportedSpan } from '../model/span.ts';
import { type Nanos, sinceOrigin, type UnixNano } from '../model/time.ts';
import { componentOf, layerOf, typeOf } from './classify.ts';

export interface Draft {
  readonly report: ReportedSpan;
  readonly type: SpanType | undefined;
  readonly layer: Layer;
  readonly component: string;
  readonly rawStartNs: Nanos;
  readonly rawEndNs: Nanos;
  spanId: string;
  parent: Draft | undefined;
  startNs: Nanos;
  endNs: Nanos;
  readonly placed: string[];
}

/** An end before its start is a broken clock or a broken sender: drawn as an instant, raw kept. */
export function draftOf(report: ReportedSpan, origin: UnixNano): Draft {
  const rawStartNs = sinceOrigin(report.startUnixNano, origin);
  const rawEndNs = sinceOrigin(report.endUnixNano, origin);
  return {
    report,
    type: typeOf(report.attributes),
    layer: layerOf(report),
    component: componentOf(report),
    rawStartNs,
    rawEndNs,
    spanId: report.spanId,
    parent: undefined,
    startNs: rawStartNs,
    endNs: Math.max(rawStartNs, rawEndNs),
    placed: [
      ...notesOf(report),
      ...(rawEndNs < rawStartNs ? ['ended before it began: drawn as an instant'] : []),
    ],
  };
}

function notesOf({ attributes }: ReportedSpan): string[] {
  const how = attributes[HEADWATER.joinedBy];
  const sign = attributes[HEADWATER.proxySign];
  return [
    ...(typeof how === 'string' ? [`joined by ${how}: it names no trace of ours`] : []),
    ...(typeof sign === 'string' ? [`taken for a load balancer: ${sign}`] : []),
  ];
}

/** Did the parent wait for this child across a boundary, so that the child must lie inside it? */
export function isAnswerTo(child: Draft, parent: Draft): boolean {
  if (child.type === 'proxy' || child.type === 'db_server') return true;
  if (child.report.kind !== 'server') return false;
  return parent.report.kind === 'client' || parent.type === 'proxy' || parent.type === 'request';
}
