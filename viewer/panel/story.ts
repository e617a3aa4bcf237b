/**
 * The four questions, answered for one span in plain words from the data alone: what happened, where, why, and what
 * happened after that. Pieces of a sentence are text, or name another span so that the reader can go there.
 */
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import type { RunState } from '../run/run-state.ts';
import { piecesBelow } from '../trace/path-index.ts';
import { ancestorsOf, at, childrenOfSpan, spanAt, typeOf } from '../trace/span-index.ts';
import { grouped, nameOf } from '../waterfall/row-label.ts';
import { countOf, firstOf, numberOf, planTextOf, textOf } from './attribute.ts';
import { causeInWords } from './cause.ts';

export type Phrase = string | { readonly span: number; readonly text: string };
export type Sentence = readonly Phrase[];

export interface Story {
  readonly what: Sentence;
  readonly where: Sentence;
  readonly why: Sentence;
  readonly after: Sentence;
}

export function storyOf(state: RunState, position: number): Story {
  return {
    what: whatHappened(state, position),
    where: whereItWas(state, position),
    why: whyItTookTime(state, position),
    after: whatCameAfter(state, position),
  };
}

const link = (state: RunState, span: number): Phrase => ({ span, text: nameOf(state.index, span) });
const lengthOf = (span: Span): string => formatDuration(span.endNs - span.startNs);

function whatHappened(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const outcome =
    span.status.code === 'error' ? ` It failed${span.status.message ? `: ${span.status.message}` : ''}.` : '';
  return [`${describe(span)}, open for ${lengthOf(span)}.${outcome}`];
}

/** The kind of thing that it is, with its most telling numbers. */
function describe(span: Span): string {
  switch (typeOf(span)) {
    case 'run':
      return 'The whole journey';
    case 'step':
      return 'A step of the journey';
    case 'action':
      return 'What the journey did in the page, as Playwright saw it';
    case 'task':
      return 'The page’s main thread was busy';
    case 'request':
      return describeRequest(span);
    case 'phase':
      return PHASE_MEANING[span.name] ?? `A phase of the request: ${span.name}`;
    case 'dns_query':
      return `One DNS question (${firstOf(span, 'dns.question.type') ?? 'any'} ${firstOf(span, 'dns.question.name') ?? ''}) to ${span.component}`;
    case 'proxy':
      return `The load balancer ${span.component} took the request and passed it on`;
    case 'proxy_phase':
      return `Inside ${span.component}: ${span.name}`;
    case 'db_server':
      return `What ${span.component} said that it did for this query`;
    case 'plan_node':
      return describePlan(span);
    default:
      return describeServiceSpan(span);
  }
}

const PHASE_MEANING: Readonly<Record<string, string>> = {
  [PHASES.wait]: 'The request waited for a connection to be free',
  [PHASES.dns]: 'The host’s name was looked up',
  [PHASES.connect]: 'A TCP connection was made: one round trip',
  [PHASES.tls]: 'The connection was encrypted: keys agreed, certificate checked',
  [PHASES.send]: 'The request was written to the connection',
  [PHASES.waiting]: 'The browser waited for the first byte of the answer',
  [PHASES.download]: 'The answer’s body came in',
};

function describeRequest(span: Span): string {
  const status = numberOf(span, 'http.response.status_code');
  const size = numberOf(span, 'http.response.body.size');
  const version = textOf(span, 'network.protocol.version');
  const facts = [
    status !== undefined && `answered ${status}`,
    size !== undefined && `${grouped(size)} bytes`,
    version && `HTTP/${version}`,
  ];
  return ['One HTTP exchange of the browser', ...facts.filter(Boolean)].join(', ');
}

function describePlan(span: Span): string {
  const relation = planTextOf(span, 'relation');
  const rows = countOf(span, 'rows');
  const node = planTextOf(span, 'node_type') ?? span.name;
  const gave = rows === undefined ? '' : `, giving ${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`;
  return `A node of the query’s plan: ${node}${relation ? ` on ${relation}` : ''}${gave}`;
}

function describeServiceSpan(span: Span): string {
  if (span.layer === 'db') return `A query that was sent to ${span.component}`;
  if (span.layer === 'unknown') return 'Time that no source explains';
  if (span.evidence === 'inferred')
    return `Time between what two sides saw, counted as ${LAYER_NAME[span.layer]}`;
  if (span.kind === 'server') return `${span.component} handled a request`;
  if (span.kind === 'client') return `${span.component} called another service and waited`;
  return `Work inside ${span.component}`;
}

function whereItWas(state: RunState, position: number): Sentence {
  const above = ancestorsOf(state.index, position).filter(
    (span) => typeOf(spanAt(state.index, span)) !== 'run',
  );
  const who = `${LAYER_NAME[spanAt(state.index, position).layer]}, ${spanAt(state.index, position).component}`;
  if (above.length === 0) return [who];
  const shown = above.length > 7 ? [...above.slice(0, 3), -1, ...above.slice(-3)] : above;
  const chain = shown.flatMap((span): Phrase[] => [span < 0 ? '…' : link(state, span), ' → ']);
  return [...chain, 'here', `: ${who}.`];
}

function whyItTookTime(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const [ownNs, belowNs] = [at(state.path.ownNs, position), at(state.path.subtreeNs, position)];
  const proof = proofOf(span);
  if (belowNs === 0) return [`The run did not wait for it: it ran beside the critical path.`, ...proof];
  const causes = causesOf(state, position);
  if (ownNs >= belowNs / 2) {
    return [
      `The run waited ${formatDuration(ownNs)} for exactly this (${share(ownNs, state)}): ${causes}.`,
      ...proof,
    ];
  }
  const deeper = deepestBelow(state, position);
  const rest: Phrase[] =
    deeper === undefined
      ? []
      : [
          ' The longest part went to ',
          link(state, deeper),
          `, ${formatDuration(at(state.path.ownNs, deeper))}.`,
        ];
  const own = ownNs > 0 ? `, ${formatDuration(ownNs)} of it itself` : '';
  return [
    `The run waited ${formatDuration(belowNs)} here${own} (${share(belowNs, state)}).`,
    ...rest,
    ...proof,
  ];
}

const share = (ns: Nanos, state: RunState): string =>
  `${Math.round((ns / (state.report.wallNs || 1)) * 100)} % of the run`;

function causesOf(state: RunState, position: number): string {
  const causes = state.path.pieces
    .filter((piece) => piece.span === position)
    .map((piece) => causeInWords(piece.cause));
  return [...new Set(causes)].join(', ');
}

/** The span below that the run waited for longest. */
function deepestBelow(state: RunState, position: number): number | undefined {
  let best: number | undefined;
  for (const { span } of piecesBelow(state.path, state.index, position)) {
    if (
      span !== position &&
      span >= 0 &&
      at(state.path.ownNs, span) > (best === undefined ? 0 : at(state.path.ownNs, best))
    ) {
      best = span;
    }
  }
  return best;
}

/** The span's own numbers, where they explain its length. */
function proofOf(span: Span): string[] {
  const removed = countOf(span, 'removed');
  const [hit, read] = [countOf(span, 'hit'), countOf(span, 'read')];
  const proof: string[] = [];
  if (removed)
    proof.push(
      ` ${grouped(removed)} rows were read and thrown away for ${grouped(countOf(span, 'rows') ?? 0)} kept.`,
    );
  if (hit !== undefined || read !== undefined) {
    proof.push(
      ` Pages: ${grouped(hit ?? 0)} from cache, ${read ? `${grouped(read)} from disk` : 'none from disk'}.`,
    );
  }
  if (span.attributes['error.type'] === 'timeout') proof.push(' Nobody answered in time.');
  const initiator = textOf(span, HEADWATER.initiator);
  if (initiator && /^[a-z]+$/.test(initiator)) proof.push(` Sent because of the ${initiator}.`);
  return proof;
}

/**
 * ```
 * // here   |-------|
 * // path   |#######|####next####|##…      who had the water as soon as this let go of it
 * ```
 */
function whatCameAfter(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const last = piecesBelow(state.path, state.index, position).at(-1);
  if (!last) return afterBesidePath(state, position);
  const next = state.path.pieces[state.path.pieces.indexOf(last) + 1];
  if (!next) return ['The run was over.'];
  const length = formatDuration(next.endNs - next.startNs);
  const remaining = formatDuration(state.extent.startNs + state.report.wallNs - last.endNs);
  const who: Phrase = next.span < 0 ? next.component : link(state, next.span);
  const verb = next.span >= 0 && isAbove(state, next.span, position) ? ' went on' : ' came next';
  const left = span.endNs >= state.report.wallNs ? '' : ` The run ended ${remaining} later.`;
  return [who, `${verb}: ${causeInWords(next.cause)}, ${length}.${left}`];
}

const isAbove = (state: RunState, ancestor: number, position: number): boolean =>
  ancestorsOf(state.index, position).includes(ancestor);

function afterBesidePath(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const parent = at(state.index.parent, position);
  const next = [...(parent < 0 ? [] : childrenOfSpan(state.index, parent))].find(
    (brother) => brother !== position && spanAt(state.index, brother).startNs >= span.endNs,
  );
  if (next === undefined) return ['Nothing beside it began after it had ended.'];
  const pause = formatDuration(spanAt(state.index, next).startNs - span.endNs);
  return [link(state, next), ` began ${pause} after it had ended.`];
}
