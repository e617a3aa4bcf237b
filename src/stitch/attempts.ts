/**
 * Puts the tries of one call together: a client that tries again leaves siblings which look like separate calls.
 *
 * ```
 * // caller     |-----------------------------------------|
 * // tries        |--✗--|        |--✗--|         |-----|        same peer, method and path, one after another
 * // call         |------------------------------------|        inferred: what the caller wanted once
 * // backoff            |--------|     |---------|              inferred: nobody was asked meanwhile
 * ```
 * A later span is the next try of an earlier one when that failed, or when it counts its own resends
 * (`http.request.resend_count`). The same call made twice with success is two calls.
 */
import { HEADWATER, type SpanType } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Attributes } from '../model/span.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { Cast } from './cast.ts';
import { databaseSystem } from './classify.ts';
import type { Draft } from './draft.ts';
import type { DraftTable } from './draft-table.ts';
import { hasFailed, isResent, ROLE } from './roles.ts';

/** Clients that back off longer than this between tries have given the caller an answer meanwhile. */
const LONGEST_BACKOFF_NS = 60e9;
/** A pause shorter than this is the client's own work, not a decision to wait. */
const SHOWN_FROM_NS = 1e6;

/** Of drafts that have their aligned times; the tries are hung under new calls. */
export function groupAttempts(cast: Cast): void {
  const troubled = cast.with(ROLE.troubled);
  if (troubled.length === 0) return;
  for (const chain of chainsOf(callsBeside(troubled, cast))) if (chain.length > 1) addCall(chain, cast.table);
}

/** Tries by caller and target, each list by start, cut where a try is not the next of the one before. */
function* chainsOf(calls: readonly Draft[]): Generator<Draft[]> {
  const openByCaller = new Map<Draft, Map<string, Draft[]>>();
  const lastStatementOf = new Map<Draft, Draft>();
  for (const draft of [...calls].sort((a, b) => a.startNs - b.startNs)) {
    const open = openByCaller.get(draft.parent!) ?? new Map<string, Draft[]>();
    openByCaller.set(draft.parent!, open);
    const target = targetOf(draft);
    const chain = open.get(target);
    // a statement that comes again after others (ROLLBACK, BEGIN, …) is part of a transaction that is done again
    const isDoneAgain = isStatement(draft) && chain?.at(-1) !== lastStatementOf.get(draft.parent!);
    if (isStatement(draft)) lastStatementOf.set(draft.parent!, draft);
    if (chain && !isDoneAgain && isNextTry(chain.at(-1)!, draft)) chain.push(draft);
    else {
      if (chain) yield chain;
      open.set(target, [draft]);
    }
  }
  for (const open of openByCaller.values()) yield* open.values();
}

/** All calls of those that had one fail or sent again: nobody else can have tried twice. */
function callsBeside(troubled: readonly Draft[], cast: Cast): Draft[] {
  const callers = new Set(troubled.map(({ parent }) => parent));
  return cast.with(ROLE.call).filter(({ parent }) => parent && callers.has(parent));
}

const isStatement = ({ attributes }: Draft): boolean =>
  databaseSystem(attributes) !== undefined &&
  textOf(attributes, 'db.query.text', 'db.statement') !== undefined;

function isNextTry(earlier: Draft, later: Draft): boolean {
  const pauseNs = later.startNs - earlier.endNs;
  const slackNs = earlier.precisionNs + later.precisionNs;
  if (pauseNs < -slackNs || pauseNs > LONGEST_BACKOFF_NS) return false;
  return hasFailed(earlier) || isResent(later);
}

/** Who is asked for what. */
function targetOf({ name, attributes }: Draft): string {
  const operation = databaseSystem(attributes)
    ? textOf(attributes, 'db.query.text', 'db.statement', 'db.operation.name')
    : textOf(attributes, 'url.full', 'http.url', 'rpc.method', 'url.path');
  const peer = textOf(attributes, 'server.address', 'net.peer.name', 'rpc.service', 'db.namespace');
  return [name, peer, operation?.split('?', 1)[0]].join('\n');
}

function textOf(attributes: Attributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

function addCall(tries: readonly Draft[], table: DraftTable): void {
  const [first, last] = [tries[0]!, tries.at(-1)!];
  const call = addInferred(table, first, 'call', `${first.name} (${tries.length} tries)`, {
    startNs: first.startNs,
    endNs: tries.reduce((latest, { endNs }) => Math.max(latest, endNs), first.endNs),
    attributes: { [HEADWATER.tries]: tries.length },
    status: last.status,
  });
  call.parent = first.parent;
  tries.forEach((draft, i) => {
    draft.parent = call;
    draft.note(`try ${i + 1} of ${tries.length} of one call`);
  });
  addBackoffs(call, tries, table);
}

function addBackoffs(call: Draft, tries: readonly Draft[], table: DraftTable): void {
  tries.slice(1).forEach((next, i) => {
    const before = tries[i]!;
    if (next.startNs - before.endNs < SHOWN_FROM_NS) return;
    const backoff = addInferred(table, before, 'backoff', 'backoff', {
      startNs: before.endNs,
      endNs: next.startNs,
      attributes: { [HEADWATER.tries]: i + 1 },
      status: { code: 'unset' },
    });
    backoff.parent = call;
    backoff.note(`${formatDuration(next.startNs - before.endNs)} between try ${i + 1} and try ${i + 2}`);
  });
}

interface Inferred {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly attributes: Attributes;
  readonly status: Draft['status'];
}

/** A draft that no source reported, on the clock of one that was. */
function addInferred(table: DraftTable, of: Draft, type: SpanType, name: string, given: Inferred): Draft {
  const { startNs, endNs, attributes, status } = given;
  const spanId = spanIdOf(of.spanId, type);
  const report = {
    ...of.report,
    spanId,
    name,
    kind: 'internal' as const,
    attributes: { [HEADWATER.type]: type, ...attributes },
    events: [],
    links: [],
    status,
    source: 'stitch',
    evidence: 'inferred' as const,
  };
  const component = of.parent?.component ?? of.component;
  return table.add(report, { type, layer: 'service', component }, startNs, endNs);
}
