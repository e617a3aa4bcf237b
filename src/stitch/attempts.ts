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
import { databaseSystem } from './classify.ts';
import type { Draft } from './draft.ts';

/** Clients that back off longer than this between tries have given the caller an answer meanwhile. */
const LONGEST_BACKOFF_NS = 60e9;
/** A pause shorter than this is the client's own work, not a decision to wait. */
const SHOWN_FROM_NS = 1e6;

/** `drafts` have their aligned times; the tries are hung under the new calls. */
export function groupAttempts(drafts: readonly Draft[]): Draft[] {
  return [...chainsOf(drafts)].flatMap((chain) => (chain.length > 1 ? callOf(chain) : []));
}

/** Tries by caller and target, each list by start, cut where a try is not the next of the one before. */
function* chainsOf(drafts: readonly Draft[]): Generator<Draft[]> {
  const openByKey = new Map<Draft, Map<string, Draft[]>>();
  for (const draft of [...drafts].sort((a, b) => a.startNs - b.startNs)) {
    const target = draft.parent && targetOf(draft);
    if (!draft.parent || target === undefined) continue;
    const open = openByKey.get(draft.parent) ?? new Map<string, Draft[]>();
    openByKey.set(draft.parent, open);
    const chain = open.get(target);
    if (chain && isNextTry(chain.at(-1)!, draft)) chain.push(draft);
    else {
      if (chain) yield chain;
      open.set(target, [draft]);
    }
  }
  for (const open of openByKey.values()) yield* open.values();
}

function isNextTry(earlier: Draft, later: Draft): boolean {
  const pauseNs = later.startNs - earlier.endNs;
  const slackNs = earlier.report.precisionNs + later.report.precisionNs;
  if (pauseNs < -slackNs || pauseNs > LONGEST_BACKOFF_NS) return false;
  const resends = later.report.attributes['http.request.resend_count'];
  return earlier.report.status.code === 'error' || (typeof resends === 'number' && resends > 0);
}

/** Who is asked for what; undefined for spans that are no call to somebody else. Queries of an address do not count. */
function targetOf({ report, type }: Draft): string | undefined {
  if (report.kind !== 'client' || type !== undefined) return undefined;
  const { attributes } = report;
  const operation = databaseSystem(attributes)
    ? textOf(attributes, 'db.query.text', 'db.statement', 'db.operation.name')
    : textOf(attributes, 'url.full', 'http.url', 'rpc.method', 'url.path');
  const peer = textOf(attributes, 'server.address', 'net.peer.name', 'rpc.service', 'db.namespace');
  return [report.name, peer, operation?.split('?', 1)[0]].join('\n');
}

function textOf(attributes: Attributes, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

function callOf(tries: readonly Draft[]): Draft[] {
  const [first, last] = [tries[0]!, tries.at(-1)!];
  const call = inferred(first, 'call', `${first.report.name} (${tries.length} tries)`, {
    startNs: first.startNs,
    endNs: Math.max(...tries.map((draft) => draft.endNs)),
    attributes: { [HEADWATER.tries]: tries.length },
    status: last.report.status,
  });
  call.parent = first.parent;
  tries.forEach((draft, i) => {
    draft.parent = call;
    draft.placed.push(`try ${i + 1} of ${tries.length} of one call`);
  });
  return [call, ...backoffs(call, tries)];
}

function backoffs(call: Draft, tries: readonly Draft[]): Draft[] {
  return tries.slice(1).flatMap((next, i) => {
    const before = tries[i]!;
    if (next.startNs - before.endNs < SHOWN_FROM_NS) return [];
    const backoff = inferred(before, 'backoff', 'backoff', {
      startNs: before.endNs,
      endNs: next.startNs,
      attributes: { [HEADWATER.tries]: i + 1 },
      status: { code: 'unset' },
    });
    backoff.parent = call;
    backoff.placed.push(
      `${formatDuration(next.startNs - before.endNs)} between try ${i + 1} and try ${i + 2}`,
    );
    return [backoff];
  });
}

interface Inferred {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly attributes: Attributes;
  readonly status: Draft['report']['status'];
}

/** A draft that no source reported, on the clock of one that was. */
function inferred(of: Draft, type: SpanType, name: string, given: Inferred): Draft {
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
  return {
    report,
    type,
    layer: 'service',
    component,
    rawStartNs: startNs,
    rawEndNs: endNs,
    spanId,
    parent: undefined,
    startNs,
    endNs,
    placed: [],
  };
}
