/** Stop: DNS. The host's name becomes an address. */
import { formatDuration } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Drawing, Message } from '../../model/walk.ts';
import { counted } from '../causes/amounts.ts';
import { type Tree, typeOf } from '../tree.ts';
import { below, hostOf, nameOf, ownerOf, type StopMaker, spansIn } from './scene.ts';
import { lengthInWords, listed, named, numberOf, shareOf, textOf, textsOf, total } from './words.ts';

/** More cannot be told apart in a drawing. */
const QUESTIONS_DRAWN = 4;

export const nameStop: StopMaker = (scene, own) => {
  const spans = spansIn(own);
  const queries = queriesOf(spans, scene.tree);
  const owner = ownerOf(spans, scene);
  const ns = total(own);
  return {
    title: 'DNS: from a name to an address',
    sentences: [
      `Computers find each other by number; DNS is the phone book that turns a name such as ${hostOf(scene)} into a number${addresses(spans, queries)}.`,
      owner === scene.request
        ? `Nothing could be sent before it was known: that took ${formatDuration(ns)}, ${shareOf(ns, scene.request.endNs - scene.request.startNs)} of this request.`
        : `It was looked up for another request, ${nameOf(owner)}; this one waited ${formatDuration(ns)} for it.`,
      whoAnswered(spans, queries),
      queries.map(mishap).find(Boolean),
      aliasesOf(queries),
      keptFor(queries),
    ],
    shown: queries.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs))[0],
    about: queries,
    drawing: drawingOf(own, queries),
  };
};

function queriesOf(spans: readonly Span[], tree: Tree): Span[] {
  const phases = spans.map((span) => (typeOf(span) === 'dns_query' ? tree.parentOf(span) : span));
  const all = [...new Set(phases)].flatMap((phase) => (phase ? [...below(phase, tree)] : []));
  return [...new Set(all)]
    .filter((span) => typeOf(span) === 'dns_query')
    .sort((a, b) => a.startNs - b.startNs);
}

function addresses(spans: readonly Span[], queries: readonly Span[]): string {
  const found = new Set([...queries, ...spans].flatMap((span) => textsOf(span, 'dns.answers')));
  return found.size === 0
    ? ''
    : `, here ${listed(
        [...found].map((address) => named(address)),
        2,
      )}`;
}

function whoAnswered(spans: readonly Span[], queries: readonly Span[]): string {
  if (queries.length === 0) {
    const cached = spans.some((span) => textOf(span, 'headwater.dns.cache') !== undefined);
    return cached
      ? 'The browser still remembered it, and asked nobody.'
      : 'Who was asked was not seen: only how long the browser waited for the system’s answer.';
  }
  const servers = new Set(queries.map(({ component }) => component));
  const [slowest] = queries.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs));
  const asked = `${counted(queries.length, 'question')} went to ${counted(servers.size, 'name server')}`;
  const zones = new Set(queries.flatMap((query) => textOf(query, 'headwater.dns.zone') ?? []));
  const walked = zones.size > 1 ? ', from the root of all names down to the one who knows this name' : '';
  return queries.length === 1
    ? `One question was asked: ${named(slowest!.component)} answered after ${lengthInWords(slowest!)}.`
    : `${asked}${walked}; the slowest, ${named(slowest!.component)}, took ${lengthInWords(slowest!)}.`;
}

function mishap(query: Span): string | undefined {
  const rcode = textOf(query, 'headwater.dns.rcode');
  const server = named(query.component);
  if (query.status.code === 'error' && rcode === undefined)
    return `${server} gave no usable answer within ${lengthInWords(query)}, and the question was asked elsewhere or again.`;
  if (rcode === 'SERVFAIL' || rcode === 'REFUSED')
    return `${server} said that it could not answer (${rcode}).`;
  if (query.attributes['headwater.dns.truncated'] === true)
    return `The answer of ${server} was too long for one packet, so it was asked once more over a connection.`;
  return undefined;
}

function aliasesOf(queries: readonly Span[]): string | undefined {
  const aliases = [...new Set(queries.flatMap((query) => textsOf(query, 'headwater.dns.aliases')))];
  if (aliases.length === 0) return undefined;
  return `The name leads on to ${counted(aliases.length, 'other name')} (an alias) first: ${listed(aliases.map((alias) => named(alias)))}.`;
}

function keptFor(queries: readonly Span[]): string | undefined {
  const answered = queries.filter((query) => textsOf(query, 'dns.answers').length > 0);
  const ttl = numberOf(answered.at(-1), 'headwater.dns.ttl_seconds');
  if (ttl === undefined) return undefined;
  return ttl === 0
    ? 'The answer may not be kept (its time to live is 0 seconds): the next visitor asks again.'
    : `The answer may be kept for ${counted(ttl, 'second')} (its time to live); until then nobody needs to ask again.`;
}

function drawingOf(own: Parameters<StopMaker>[1], queries: readonly Span[]): Drawing | undefined {
  const startNs = own[0]?.startNs ?? 0;
  const endNs = own.at(-1)?.endNs ?? startNs;
  const told = decisive(queries);
  const messages = told.length > 0 ? told.flatMap(questionAndAnswer) : wholeLookUp(startNs, endNs);
  return { kind: 'messages', left: 'Browser’s resolver', right: 'Name servers', startNs, endNs, messages };
}

/**
 * A browser asks for several kinds of address at once, each at every name server on the way: drawn are the questions of
 * the kind that took longest, the longest of them.
 */
function decisive(queries: readonly Span[]): Span[] {
  const longestFirst = queries.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs));
  const kind = kindOf(longestFirst[0]);
  return longestFirst
    .filter((query) => kindOf(query) === kind)
    .slice(0, QUESTIONS_DRAWN)
    .sort((a, b) => a.startNs - b.startNs);
}

const kindOf = (query: Span | undefined): string | undefined =>
  textOf(query, 'headwater.dns.question_type') ?? textOf(query, 'dns.question.type');

function questionAndAnswer(query: Span): Message[] {
  const type = kindOf(query);
  const server = named(query.component.replace(/ \(.*\)$/, ''), 32);
  const isFailed = query.status.code === 'error';
  return [
    { toRight: true, atNs: query.startNs, text: `${type ?? 'address'}? → ${server}` },
    {
      toRight: false,
      atNs: query.endNs,
      text: isFailed ? 'no answer' : answerOf(query),
      ...(isFailed && { failed: true }),
    },
  ];
}

function answerOf(query: Span): string {
  const [address] = textsOf(query, 'dns.answers');
  if (address !== undefined) return named(address, 32);
  if (query.attributes['headwater.dns.referral'] !== undefined) return 'ask one further down';
  const rcode = textOf(query, 'headwater.dns.rcode') ?? textOf(query, 'dns.response_code');
  return rcode === undefined || rcode === 'NOERROR' ? 'answer' : rcode;
}

const wholeLookUp = (startNs: number, endNs: number): Message[] => [
  { toRight: true, atNs: startNs, text: 'which number has this name?' },
  { toRight: false, atNs: endNs, text: 'answer' },
];
