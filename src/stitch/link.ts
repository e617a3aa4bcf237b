/**
 * Hangs every draft under the parent its source named. What has no known parent hangs under the root, and says so;
 * a cycle of parents is cut.
 */
import { spanIdOf } from '../model/ids.ts';
import type { Warning } from '../model/span.ts';
import type { Draft } from './draft.ts';

/** The run's own root; for a trace without a journey, the longest span that names no parent we know. */
export function rootOf(drafts: readonly Draft[]): Draft | undefined {
  const run = drafts.find((draft) => draft.type === 'run');
  if (run) return run;
  const known = new Set(drafts.map((draft) => draft.report.spanId));
  let root: Draft | undefined;
  for (const draft of drafts) {
    const parentId = draft.report.parentSpanId;
    if (parentId && known.has(parentId) && parentId !== draft.report.spanId) continue;
    if (!root || draft.endNs - draft.startNs > root.endNs - root.startNs) root = draft;
  }
  return root ?? drafts[0];
}

export function link(drafts: readonly Draft[], root: Draft): Warning[] {
  const warnings: Warning[] = [];
  const serverHalfById = parted(drafts);
  const draftById = uniqueById(drafts, warnings);
  for (const draft of drafts) {
    if (draft === root) continue;
    const parentId = draft.report.parentSpanId;
    const parent = halfFor(draft, draftById, serverHalfById) ?? draftById.get(parentId ?? '');
    draft.parent = parent && parent !== draft ? parent : root;
    if (parentId && !parent) {
      draft.placed.push('its parent was not reported: shown under the run');
      warnings.push({
        code: 'stitch.parent_missing',
        where: draft.spanId,
        message: `"${draft.report.name}" of ${draft.component} names a parent ${parentId} that nobody reported.`,
      });
    }
  }
  cutCycles(drafts, root, warnings);
  return warnings;
}

/**
 * A client and a server may report under one span id (Zipkin's shared spans). The server's half gets a derived id.
 * ```
 * // client X |---------------|        client X  |---------------|
 * // server X    |---------|      ->   server X'    |---------|        under its client
 * // child of X    |-----|             child           |-----|         under the half whose clock it has, else the server's
 * ```
 */
function parted(drafts: readonly Draft[]): Map<string, Draft> {
  const clientIds = new Set(
    drafts.filter(({ report }) => report.kind === 'client').map((draft) => draft.spanId),
  );
  const serverHalfById = new Map<string, Draft>();
  for (const draft of drafts) {
    const sharedId = draft.spanId;
    if (draft.report.kind !== 'server' || !clientIds.has(sharedId) || serverHalfById.has(sharedId)) continue;
    draft.spanId = spanIdOf(sharedId, 'server');
    draft.placed.push(`shares the span id ${sharedId} with its client: shown under it`);
    serverHalfById.set(sharedId, draft);
  }
  return serverHalfById;
}

/** Where a draft belongs when its id, or its parent's, is a shared one. */
function halfFor(
  draft: Draft,
  draftById: ReadonlyMap<string, Draft>,
  serverHalfById: ReadonlyMap<string, Draft>,
): Draft | undefined {
  const { spanId, parentSpanId: parentId = '' } = draft.report;
  if (serverHalfById.get(spanId) === draft) return draftById.get(spanId);
  const server = serverHalfById.get(parentId);
  const client = draftById.get(parentId);
  const isOfClient =
    client?.report.clock === draft.report.clock && server?.report.clock !== draft.report.clock;
  return isOfClient ? client : server;
}

/** Two sources may use one span id: the second gets a derived one. */
function uniqueById(drafts: readonly Draft[], warnings: Warning[]): Map<string, Draft> {
  const draftById = new Map<string, Draft>();
  for (const draft of drafts) {
    if (draftById.has(draft.spanId)) {
      draft.spanId = spanIdOf(draft.spanId, draft.report.source);
      warnings.push({
        code: 'stitch.shared_span_id',
        where: draft.report.spanId,
        message: `Two sources report span ${draft.report.spanId}; the one of ${draft.report.source} is shown as ${draft.spanId}.`,
      });
    }
    draftById.set(draft.spanId, draft);
  }
  return draftById;
}

/** Walks each chain once; whoever is met again on the same walk hangs under the root instead. */
function cutCycles(drafts: readonly Draft[], root: Draft, warnings: Warning[]): void {
  const walkOf = new Map<Draft, number>([[root, -1]]);
  drafts.forEach((start, walk) => {
    let draft: Draft | undefined = start;
    while (draft && !walkOf.has(draft)) {
      walkOf.set(draft, walk);
      const parent: Draft | undefined = draft.parent;
      if (parent && walkOf.get(parent) === walk) {
        draft.parent = root;
        draft.placed.push('its parents form a circle: shown under the run');
        warnings.push({
          code: 'stitch.cycle',
          where: draft.spanId,
          message: `The parents of "${draft.report.name}" form a circle.`,
        });
        return;
      }
      draft = parent;
    }
  });
}
