/**
 * Hangs every draft under the parent its source named. What has no known parent hangs under the root, and says so;
 * a cycle of parents is cut.
 */
import { inScratch } from '../model/column-memory.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Warning } from '../model/span.ts';
import { NOBODY } from '../model/span-table.ts';
import type { Draft } from './draft.ts';
import type { DraftTable } from './draft-table.ts';
import type { Naming, Read } from './read-reports.ts';

export function link({ table, naming, byStart, root }: Read): Warning[] {
  const warnings: Warning[] = [];
  const parentOf = naming.isShared
    ? parentAmongHalves(table, byStart, warnings)
    : (row: number) => namedParent(row, naming);
  for (let i = 0; i < byStart.length; i++) {
    const row = byStart[i]!;
    if (row !== root) hang(row, parentOf(row), root, table, warnings);
  }
  cutCycles(table, byStart, root, warnings);
  return warnings;
}

function namedParent(row: number, { parentNumbers, rows }: Naming): number {
  const number = parentNumbers[row]!;
  return number === NOBODY ? NOBODY : rows[number]!;
}

function hang(row: number, parent: number, root: number, table: DraftTable, warnings: Warning[]): void {
  const isKnown = parent !== NOBODY && parent !== row;
  table.parents[row] = isKnown ? parent : root;
  if (parent !== NOBODY) return;
  const { parentSpanId } = table.reports[row]!;
  if (!parentSpanId) return;
  const draft = table.draft(row);
  draft.note('its parent was not reported: shown under the run');
  warnings.push({
    code: 'stitch.parent_missing',
    where: draft.spanId,
    message: `"${draft.name}" of ${draft.component} names a parent ${parentSpanId} that nobody reported.`,
  });
}

/** Where some share an id: gives each an id of its own, and tells which of the halves a parent's id means. */
function parentAmongHalves(table: DraftTable, byStart: Int32Array, warnings: Warning[]) {
  const drafts = Array.from(byStart, (row) => table.draft(row));
  const serverHalfById = parted(drafts);
  const draftById = uniqueById(drafts, warnings);
  return (row: number): number => {
    const draft = table.draft(row);
    const parent =
      halfFor(draft, draftById, serverHalfById) ?? draftById.get(draft.report.parentSpanId ?? '');
    return parent ? parent.row : NOBODY;
  };
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
  const clientIds = new Set(drafts.filter(({ kind }) => kind === 'client').map((draft) => draft.spanId));
  const serverHalfById = new Map<string, Draft>();
  for (const draft of drafts) {
    const sharedId = draft.spanId;
    if (draft.kind !== 'server' || !clientIds.has(sharedId) || serverHalfById.has(sharedId)) continue;
    draft.spanId = spanIdOf(sharedId, 'server');
    draft.note(`shares the span id ${sharedId} with its client: shown under it`);
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
  const isOfClient = client?.clock === draft.clock && server?.clock !== draft.clock;
  return isOfClient ? client : server;
}

/** Two sources may use one span id: the second gets a derived one. */
function uniqueById(drafts: readonly Draft[], warnings: Warning[]): Map<string, Draft> {
  const draftById = new Map<string, Draft>();
  for (const draft of drafts) {
    if (draftById.has(draft.spanId)) {
      while (draftById.has(draft.spanId)) draft.spanId = spanIdOf(draft.spanId, draft.source);
      warnings.push({
        code: 'stitch.shared_span_id',
        where: draft.report.spanId,
        message: `Two sources report span ${draft.report.spanId}; the one of ${draft.source} is shown as ${draft.spanId}.`,
      });
    }
    draftById.set(draft.spanId, draft);
  }
  return draftById;
}

/** Walks each chain once; whoever is met again on the same walk hangs under the root instead. */
function cutCycles(table: DraftTable, byStart: Int32Array, root: number, warnings: Warning[]): void {
  const { parents } = table;
  inScratch((scratch) => {
    const walkAt = scratch.int32s(table.size).fill(NEVER);
    walkAt[root] = byStart.length;
    for (let walk = 0; walk < byStart.length; walk++) {
      for (let row = byStart[walk]!; row !== NOBODY && walkAt[row] === NEVER; row = parents[row]!) {
        walkAt[row] = walk;
        const parent = parents[row]!;
        if (parent === NOBODY || walkAt[parent] !== walk) continue;
        cut(table.draft(row), root, table, warnings);
        break;
      }
    }
  });
}

const NEVER = -1;

function cut(draft: Draft, root: number, table: DraftTable, warnings: Warning[]): void {
  table.parents[draft.row] = root;
  draft.note('its parents form a circle: shown under the run');
  warnings.push({
    code: 'stitch.cycle',
    where: draft.spanId,
    message: `The parents of "${draft.name}" form a circle.`,
  });
}
