/**
 * What the browser's own resolver did, as spans: for runs whose look-ups are left to the browser. Where the probe's
 * resolver answers it (over HTTPS), its queries say more, and only cache hits are taken from here.
 */
import type { CachedLookup, Lookup, LookupQuestion, LookupTry, NetLog } from '../../src/import/netlog.ts';
import { PHASES } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import { type UnixNano, unixMsFromNano, unixNanoFromMs } from '../../src/model/time.ts';
import { hostAskedFor, type Lookups, lookupsOf } from './dns-spans.ts';
import { newSpanId, type SpanDraft } from './span-draft.ts';

/** NetLog is early by so much at most (floored twice, browser-clock.ts); more was moved by something else. */
const MAX_SHIFT_MS = 4;
/** The middle of what was measured. */
const USUAL_SHIFT_MS = 1.3;

export interface NetLogDnsSpans {
  readonly spans: readonly SpanDraft[];
  /** Look-ups that the browser made for itself. */
  readonly foreign: number;
}

export function netLogDnsSpans(
  netLog: Pick<NetLog, 'lookups' | 'cachedLookups'>,
  requestDrafts: readonly SpanDraft[],
  parentAt: (unixNano: UnixNano) => string,
  resolverInPath: boolean,
): NetLogDnsSpans {
  const known = lookupsOf(requestDrafts);
  const mine = netLog.lookups.filter(({ host }) => known.hosts.has(hostAskedFor(host)));
  const cached = netLog.cachedLookups.filter(({ host }) => known.hosts.has(host));
  const frames = mine.map((lookup) => frameOf(lookup, requestDrafts, known, parentAt));
  return {
    spans: [
      ...(resolverInPath ? [] : frames.flatMap(lookupSpans)),
      ...cached.map((hit) => cachedSpan(hit, requestDrafts, parentAt)),
    ],
    foreign: resolverInPath ? 0 : netLog.lookups.length - mine.length,
  };
}

/** A look-up and where its spans go: the phase that was made from the same job, and how far that phase was moved. */
interface LookupFrame {
  readonly lookup: Lookup;
  readonly parentSpanId: string;
  readonly shiftMs: number;
  /** For what the log ends before. */
  readonly endUnixNano: UnixNano;
}

function frameOf(
  lookup: Lookup,
  drafts: readonly SpanDraft[],
  known: Lookups,
  parentAt: (unixNano: UnixNano) => string,
): LookupFrame {
  const usual = unixNanoFromMs(lookup.startUnixMs + USUAL_SHIFT_MS);
  const spanId = known.servedBy(lookup.host, usual);
  const phase = drafts.find((draft) => draft.spanId === spanId);
  const shift =
    phase?.name === PHASES.dns ? unixMsFromNano(phase.startUnixNano) - lookup.startUnixMs : USUAL_SHIFT_MS;
  return {
    lookup,
    parentSpanId: spanId ?? parentAt(usual),
    shiftMs: Math.abs(shift) <= MAX_SHIFT_MS ? shift : USUAL_SHIFT_MS,
    endUnixNano: phase?.endUnixNano ?? usual,
  };
}

function lookupSpans(frame: LookupFrame): SpanDraft[] {
  const { lookup } = frame;
  const tries = lookup.questions.flatMap((question) => questionSpans(question, frame));
  if (!lookup.systemTask) return tries;
  const task = { ...baseOf(frame, lookup.systemTask), name: `look up ${lookup.host}` };
  const attributes = {
    'dns.question.name': lookup.host,
    'headwater.dns.resolver': 'system',
    ...(lookup.addresses.length > 0 && { 'dns.answers': lookup.addresses }),
  };
  const failed = lookup.systemTask.netError !== undefined && 'NXDOMAIN or no answer';
  return [...tries, { ...task, component: "the system's resolver", attributes, error: failed || undefined }];
}

/** Every try of a question; each after the first links to the one before. */
function questionSpans(question: LookupQuestion, frame: LookupFrame): SpanDraft[] {
  const spans: SpanDraft[] = [];
  question.tries.forEach((attempt, i) => {
    const before = spans.at(-1);
    const earlier = question.tries[i - 1];
    const why = earlier && reasonOf(earlier);
    spans.push({
      ...baseOf(frame, attempt),
      name: `${typeOf(question.queryType)} ${question.name}`,
      component: attempt.server ?? 'DNS over HTTPS',
      error: failureOf(attempt),
      attributes: tryAttributes(question, attempt, i + 1, why, frame.lookup),
      ...(before &&
        why && { links: [{ spanId: before.spanId, attributes: { 'headwater.dns.follows': why } }] }),
    });
  });
  return spans;
}

const baseOf = (
  { parentSpanId, shiftMs, endUnixNano }: LookupFrame,
  at: { startUnixMs: number; endUnixMs?: number },
) => {
  const startUnixNano = unixNanoFromMs(at.startUnixMs + shiftMs);
  const end = at.endUnixMs === undefined ? endUnixNano : unixNanoFromMs(at.endUnixMs + shiftMs);
  return {
    spanId: newSpanId(),
    parentSpanId,
    type: 'dns_query' as const,
    kind: 'client' as const,
    layer: 'dns' as const,
    startUnixNano,
    endUnixNano: end < startUnixNano ? startUnixNano : end,
    source: 'netlog' as const,
  };
};

function tryAttributes(
  question: LookupQuestion,
  attempt: LookupTry,
  number: number,
  why: string | undefined,
  { host, addresses, aliases }: Lookup,
): Attributes {
  const server = endpointOf(attempt.server);
  const isAnswered =
    (attempt.answerCount ?? 0) > 0 && (question.queryType === 1 || question.queryType === 28);
  return {
    'dns.question.name': question.name,
    'headwater.dns.question_type': typeOf(question.queryType),
    'headwater.dns.asked_for': host,
    'headwater.dns.attempt': number,
    'network.transport': attempt.transport === 'https' ? 'tcp' : attempt.transport,
    ...(attempt.transport === 'https' && { 'headwater.dns.over_https': true }),
    ...(why && { 'headwater.dns.follows': why }),
    ...(server && { 'server.address': server.address, 'server.port': server.port }),
    ...(attempt.localAddress && { 'network.local.port': endpointOf(attempt.localAddress)?.port ?? 0 }),
    ...(attempt.rcode !== undefined && { 'headwater.dns.rcode': rcodeName(attempt.rcode) }),
    ...(attempt.answerCount !== undefined && { 'headwater.dns.answer_count': attempt.answerCount }),
    ...(attempt.rcode !== undefined && { 'headwater.dns.truncated': attempt.wasTruncated }),
    ...(isAnswered && addresses.length > 0 && { 'dns.answers': addresses }),
    ...(isAnswered && aliases.length > 0 && { 'headwater.dns.aliases': aliases }),
    ...(failureOf(attempt) && { 'error.type': failureOf(attempt) }),
  };
}

/** Why the question was asked again after this try. */
const reasonOf = (attempt: LookupTry): string =>
  attempt.wasTruncated ? 'truncated' : (failureOf(attempt) ?? 'no answer');

function failureOf({ rcode, timedOut }: LookupTry): string | undefined {
  if (rcode === undefined) return timedOut ? 'timeout' : 'aborted';
  return rcode === 0 || rcode === 3 ? undefined : rcodeName(rcode);
}

/** No length: the browser had the answer. */
function cachedSpan(
  hit: CachedLookup,
  drafts: readonly SpanDraft[],
  parentAt: (unixNano: UnixNano) => string,
): SpanDraft {
  const at = unixNanoFromMs(hit.unixMs + USUAL_SHIFT_MS);
  const request = drafts.find(
    (draft) =>
      draft.type === 'request' &&
      draft.attributes?.['server.address'] === hit.host &&
      draft.startUnixNano <= at &&
      at <= draft.endUnixNano,
  );
  return {
    spanId: newSpanId(),
    parentSpanId: request?.spanId ?? parentAt(at),
    type: 'dns_query',
    name: `cached ${hit.host}`,
    layer: 'dns',
    component: "the browser's host cache",
    startUnixNano: at,
    endUnixNano: at,
    source: 'netlog',
    attributes: {
      'dns.question.name': hit.host,
      'headwater.dns.cache': 'browser',
      ...(hit.addresses.length > 0 && { 'dns.answers': hit.addresses }),
    },
  };
}

const TYPE_NAMES: Readonly<Record<number, string>> = { 1: 'A', 28: 'AAAA', 64: 'SVCB', 65: 'HTTPS' };
/** RFC 3597 §5 writes a type without a name like this. */
const typeOf = (queryType: number): string => TYPE_NAMES[queryType] ?? `TYPE${queryType}`;

const RCODE_NAMES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
const rcodeName = (rcode: number): string => RCODE_NAMES[rcode] ?? `RCODE${rcode}`;

function endpointOf(text: string | undefined): { address: string; port: number } | undefined {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(text ?? '');
  return match?.[1] ? { address: match[1], port: Number(match[2]) } : undefined;
}
