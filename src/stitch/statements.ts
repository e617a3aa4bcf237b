/**
 * Puts what a database said where it belongs.
 *
 * **Inside one statement.** Waits, temporary files and errors are told in lines of their own, as brothers of the
 * statement that they delayed. They go under the tightest statement of the same session that holds them:
 * ```
 * // client      |--------------------------|           client
 * // statement    |----------------------|       ->       └ statement ─┬ plan
 * // plan            |-----------------|                               └ lock wait ─ still waiting
 * // lock wait         |-----------|
 * ```
 * **A comment that was frozen.** A prepared statement keeps the comment of its preparation, so later executions name a
 * client span that was over by then. They are told by being further apart than that span is long, and taken away:
 * ```
 * // client of the first   |-------|
 * // executions              |--|         |--|   |--|      the first is its own, the others are somebody else's
 * ```
 * **A comment that is missing.** A statement that was offered to this trace (see `isOffered`) hangs under the client
 * span of the same text and database that holds its time. Only a client span that no database has answered is asked,
 * and only if each fits nothing but the other; what fits more is left away. Nothing is guessed.
 */

import { HEADWATER } from '../model/attributes.ts';
import { int32s } from '../model/column-memory.ts';
import type { ReportedSpan, Warning } from '../model/span.ts';
import { NOBODY } from '../model/span-table.ts';
import { sqlShape } from '../model/sql-shape.ts';
import { Cast } from './cast.ts';
import { databaseSystem } from './classify.ts';
import type { Draft } from './draft.ts';
import { ROLE } from './roles.ts';

export const JOINED_BY_STATEMENT = 'statement text and time';

/** A report that names no trace, or a wrong one, and was given to this one to look whether it fits. */
export const isOffered = (report: ReportedSpan): boolean =>
  report.attributes[HEADWATER.joinedBy] === JOINED_BY_STATEMENT && !report.parentSpanId;

const isOfferedDraft = (draft: Draft): boolean =>
  draft.attributes[HEADWATER.joinedBy] === JOINED_BY_STATEMENT && !draft.report.parentSpanId;

/** Offered, and then found to fit another trace as well. */
const isWithdrawn = ({ attributes }: Draft): boolean => attributes[HEADWATER.withdrawn] === true;

/**
 * @param hasOffers some reports were only offered to this trace
 * @returns the drafts that stay, in their order; sets the parents of those that were joined or nested
 */
export function placeStatements(
  cast: Cast,
  root: Draft,
  hasOffers: boolean,
): { cast: Cast; warnings: Warning[] } {
  const told = hasOffers ? cast.with(ROLE.statement) : withBrothers(cast);
  if (told.length === 0) return { cast, warnings: [] };
  const withdrawn = hasOffers ? told.filter(isWithdrawn) : [];
  const reports = withdrawn.length > 0 ? told.filter((draft) => !isWithdrawn(draft)) : told;
  const late = frozen(reports, cast);
  const away = new Set<Draft>(late);
  const ambiguous = hasOffers ? joinOffered(cast, reports, away) : [];
  for (const draft of [...ambiguous, ...withdrawn]) away.add(draft);
  const stay = away.size > 0 ? without(away, cast) : cast;
  nest(stay === cast ? told : hasOffers ? stay.with(ROLE.statement) : withBrothers(stay), stay);
  return { cast: stay, warnings: warningsOf(ambiguous.length, late.length, root) };
}

/** Most statements are their client's only one: nobody else can hold them, and they are no later execution. */
function withBrothers({ table, order }: Cast): Draft[] {
  const { roles, parents } = table;
  const countByParent = int32s(table.size);
  const isIt = (row: number) => (roles[row]! & ROLE.statement) !== 0 && parents[row] !== NOBODY;
  for (let i = 0; i < order.length; i++) if (isIt(order[i]!)) countByParent[parents[order[i]!]!]!++;
  const found: Draft[] = [];
  for (let i = 0; i < order.length; i++)
    if (isIt(order[i]!) && countByParent[parents[order[i]!]!]! > 1) found.push(table.draft(order[i]!));
  return found;
}

function without(away: ReadonlySet<Draft>, { table, order }: Cast): Cast {
  const gone = table.remove(away);
  return new Cast(
    table,
    order.filter((row) => gone[row] === 0),
  );
}

function warningsOf(ambiguous: number, frozenCount: number, root: Draft): Warning[] {
  const where = root.spanId;
  const warnings: Warning[] = [];
  if (frozenCount > 0) {
    const message = `${frozenCount} executions of prepared statements carry the trace context of an earlier one, and are not shown under it.`;
    warnings.push({ code: 'db.frozen_comment', where, message });
  }
  if (ambiguous > 0) {
    const message = `${ambiguous} statements without trace context fit no client span of this trace, or several, and are not shown.`;
    warnings.push({ code: 'db.statement_ambiguous', where, message });
  }
  return warnings;
}

const actOf = ({ attributes }: Draft): unknown => attributes[HEADWATER.dbAct];
const isStatement = (draft: Draft): boolean => actOf(draft) === 'statement' || actOf(draft) === 'plan';
const sqlOf = ({ attributes }: Draft): string | undefined => {
  const sql = attributes['db.query.text'] ?? attributes['db.statement'];
  return typeof sql === 'string' && sql !== '' ? sql : undefined;
};
const length = ({ rawStartNs, rawEndNs }: Draft): number => Math.max(0, rawEndNs - rawStartNs);
const slack = (a: Draft, b: Draft): number => a.precisionNs + b.precisionNs;

/** Groups of several by the reports' own words; what does not say its session is in none. */
function bySession(
  drafts: readonly Draft[],
  { table }: Cast,
  isAsked: (draft: Draft) => boolean = () => true,
): Map<string, Draft[]> {
  const groups = new Map<string, Draft[]>();
  const countByParent = int32s(table.size);
  for (const { row } of drafts) if (table.parents[row] !== NOBODY) countByParent[table.parents[row]!]!++;
  for (const draft of drafts) {
    // most have one statement below them, and words are longer to compare than numbers
    const parent = table.parents[draft.row]!;
    if (parent === NOBODY || countByParent[parent] === 1) continue;
    const session = draft.attributes[HEADWATER.dbSession];
    if (typeof session !== 'string' || !draft.parent || !isAsked(draft)) continue;
    const key = `${draft.clock}\u0000${session}\u0000${draft.parent.spanId}`;
    const group = groups.get(key);
    if (group) group.push(draft);
    else groups.set(key, [draft]);
  }
  return groups;
}

function frozen(reports: readonly Draft[], cast: Cast): Draft[] {
  const isNamed = (draft: Draft) => draft.parent?.kind === 'client' && !isOfferedDraft(draft);
  return [...bySession(reports, cast, isNamed).values()].flatMap((group) => {
    const first = group.reduce((a, b) => (b.rawStartNs < a.rawStartNs ? b : a));
    const client = first.parent as Draft;
    const reach = length(client) + slack(first, client);
    const late = group.filter((draft) => draft.rawStartNs - first.rawStartNs > reach);
    return first.precisionNs > length(client) ? [...new Set([...late, ...repeats(group, first)])] : late;
  });
}

/**
 * Where time is told more coarsely than the client's span is long, only the count tells: a log has one entry of a kind
 * (the statement's length, its plan) for each execution. Of two that began at one instant, nobody knows which is the client's own: both go.
 */
function repeats(group: readonly Draft[], first: Draft): Draft[] {
  const same = group.filter((draft) => actOf(draft) === actOf(first) && sqlOf(draft) === sqlOf(first));
  if (!isStatement(first) || same.length < 2) return [];
  const isAlone = same.every((draft) => draft === first || draft.rawStartNs > first.rawStartNs);
  return same.filter((draft) => !isAlone || draft !== first);
}

/** @returns what was offered and fits nothing, or more than one */
function joinOffered(cast: Cast, reports: readonly Draft[], away: ReadonlySet<Draft>): Draft[] {
  const offered = reports.filter((draft) => isOfferedDraft(draft));
  if (offered.length === 0) return [];
  const answered = new Set(
    reports.flatMap((draft) => (isOfferedDraft(draft) || away.has(draft) ? [] : (draft.parent ?? []))),
  );
  const clientsByShape = new Map<string, Draft[]>();
  for (const draft of cast.all()) {
    if (!isAsking(draft) || answered.has(draft)) continue;
    const shape = sqlShape(sqlOf(draft) ?? '');
    clientsByShape.set(shape, [...(clientsByShape.get(shape) ?? []), draft]);
  }
  const fits = offered.map((statement) => ({
    statement,
    clients: (clientsByShape.get(sqlShape(sqlOf(statement) ?? '')) ?? []).filter((client) =>
      holds(client, statement),
    ),
  }));
  const claims = new Map<Draft, Draft[]>();
  for (const { statement, clients } of fits)
    for (const client of clients) claims.set(client, [...(claims.get(client) ?? []), statement]);
  return fits.flatMap(({ statement, clients }) => {
    const [client] = clients;
    if (!client || clients.length > 1 || !isOneExecution(claims.get(client) ?? [])) return [statement];
    statement.parent = client;
    return [];
  });
}

/** One session's; its plan, its parsing and so on are reports of their own, but none of these comes twice. */
function isOneExecution(claimants: readonly Draft[]): boolean {
  const sessions = new Set(
    claimants.map(({ clock, attributes }) => `${clock} ${attributes[HEADWATER.dbSession]}`),
  );
  const steps = claimants.map(actOf).filter((act) => act !== 'lock_wait' && act !== 'note');
  return sessions.size === 1 && new Set(steps).size === steps.length;
}

const isAsking = (draft: Draft): boolean =>
  draft.kind === 'client' && databaseSystem(draft.attributes) !== undefined && sqlOf(draft) !== undefined;

/** Same database, and no longer than its client waited, inside that time. */
function holds(client: Draft, statement: Draft): boolean {
  const [asked, told] = [client, statement].map(({ attributes }) =>
    String(attributes['db.namespace'] ?? attributes['db.name'] ?? ''),
  );
  if (asked && told && asked !== told) return false;
  const room = slack(client, statement);
  return (
    statement.rawStartNs >= client.rawStartNs - room &&
    statement.rawEndNs <= client.rawEndNs + room &&
    length(statement) <= length(client) + client.precisionNs
  );
}

/** Which reports may hold which: `A` holds `B` when A stands before B. */
const RANK: Readonly<Record<string, number>> = { statement: 0, plan: 1, lock_wait: 2, note: 3 };

function nest(reports: readonly Draft[], cast: Cast): void {
  for (const group of bySession(reports, cast).values()) {
    const byLength = [...group].sort((a, b) => length(a) - length(b));
    for (const draft of group) {
      const rank = RANK[String(actOf(draft))];
      const host = rank === undefined ? undefined : byLength.find((other) => mayHold(other, draft, rank));
      if (host) draft.parent = host;
    }
  }
}

function mayHold(host: Draft, draft: Draft, rank: number): boolean {
  const hostRank = RANK[String(actOf(host))];
  if (host === draft || hostRank === undefined || hostRank >= rank || length(host) < length(draft))
    return false;
  if (isStatement(draft) && sqlOf(host) !== sqlOf(draft)) return false;
  const room = slack(host, draft);
  return draft.rawStartNs >= host.rawStartNs - room && draft.rawEndNs <= host.rawEndNs + room;
}
