/**
 * Many reports of one trace → one tree on one clock. Pure, in named steps, each in its own file:
 * de-duplicate · recognise proxies · link by ids · statements · proxies · sockets of hosts · clocks · align · attempts ·
 * residuals.
 */
import type { ReportedSpan, Warning } from '../model/span.ts';
import { sinceOrigin } from '../model/time.ts';
import type { Span, Trace } from '../model/trace.ts';
import { align } from './align.ts';
import { groupAttempts } from './attempts.ts';
import { alignClocks } from './clock-offset.ts';
import { deduplicate } from './deduplicate.ts';
import { type Draft, draftOf } from './draft.ts';
import { placeHostConnections } from './host-connections.ts';
import { link, rootOf } from './link.ts';
import { placeProxies } from './proxies.ts';
import { recogniseProxies } from './recognise-proxies.ts';
import { residuals } from './residuals.ts';
import { placeStatements } from './statements.ts';

/**
 * @param reported every span that names one trace id, in any order, duplicates allowed
 * @returns undefined when there is nothing to stitch
 */
export function stitch(
  reported: readonly ReportedSpan[],
  earlier: readonly Warning[] = [],
): Trace | undefined {
  const reports = recogniseProxies(deduplicate(reported));
  if (reports.length === 0) return undefined;
  const provisional = reports.map((report) => draftOf(report, reports[0]!.startUnixNano));
  const rootReport = rootOf(provisional)!.report;
  const origin = rootReport.startUnixNano;
  const all = reports.map((report) => draftOf(report, origin));
  const root = all.find((draft) => draft.report === rootReport)!;

  const linking = link(all, root);
  const { drafts, warnings: placing } = placeStatements(all, root);
  placeProxies(drafts);
  placeHostConnections(drafts, root);
  const clocks = alignClocks(drafts, root);
  const ordered = parentsFirst(drafts, root);
  align(ordered, clocks.offsetNsByClock);
  const spans = parentsFirst([...ordered, ...groupAttempts(ordered), ...residuals(ordered)], root);
  return {
    traceId: rootReport.traceId,
    originUnixNano: String(origin),
    rootId: root.spanId,
    spans: spans.map((draft) => spanOf(draft, origin)),
    clocks: clocks.offsets,
    warnings: [...earlier, ...linking, ...placing, ...clocks.warnings],
  };
}

/** Depth first, parents before children, siblings by start then end. Iterative: a tree may be 100 000 deep. */
function parentsFirst(drafts: readonly Draft[], root: Draft): Draft[] {
  const childrenOf = new Map<Draft, Draft[]>();
  for (const draft of drafts) {
    if (!draft.parent) continue;
    const children = childrenOf.get(draft.parent);
    if (children) children.push(draft);
    else childrenOf.set(draft.parent, [draft]);
  }
  for (const children of childrenOf.values()) children.sort(latestFirst);
  const ordered: Draft[] = [];
  const stack = [root];
  for (let draft = stack.pop(); draft; draft = stack.pop()) {
    ordered.push(draft);
    for (const child of childrenOf.get(draft) ?? []) stack.push(child);
  }
  return ordered;
}

const latestFirst = (a: Draft, b: Draft): number =>
  b.startNs - a.startNs || a.endNs - b.endNs || (a.spanId < b.spanId ? 1 : -1);

function spanOf(draft: Draft, origin: bigint): Span {
  const { report } = draft;
  return {
    spanId: draft.spanId,
    parentId: draft.parent?.spanId ?? null,
    name: report.name,
    kind: report.kind,
    startNs: draft.startNs,
    endNs: draft.endNs,
    rawStartNs: draft.rawStartNs,
    rawEndNs: draft.rawEndNs,
    layer: draft.layer,
    component: draft.component,
    evidence: report.evidence,
    source: report.source,
    clock: report.clock,
    precisionNs: report.precisionNs,
    status: report.status,
    attributes: report.attributes,
    events: report.events.map((event) => ({
      name: event.name,
      timeNs: sinceOrigin(event.timeUnixNano, origin),
      attributes: event.attributes,
    })),
    links: report.links,
    placed: draft.placed,
  };
}
