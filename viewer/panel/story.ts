/**
 * The four questions, answered for one span in plain words from the data alone: what happened, where, why, and what
 * happened after that. Pieces of a sentence are text, or name another span so that the reader can go there.
 */
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import type { RunState } from '../run/run-state.ts';
import { piecesWithin } from '../trace/path-index.ts';
import { ancestorsOf, at, childrenOfSpan, spanAt, typeOf } from '../trace/span-index.ts';
import { firstOf } from './attribute.ts';
import { causeInWords } from './cause.ts';
import { connectionStory } from './connection-story.ts';
import { lengthOf, link, type Phrase, type Sentence, type Story } from './phrase.ts';
import { proofOf } from './proof.ts';
import { describe } from './what.ts';

export function storyOf(state: RunState, position: number): Story {
  if (typeOf(spanAt(state.index, position)) === 'connection') return connectionStory(state, position);
  return {
    what: whatHappened(state, position),
    where: whereItWas(state, position),
    why: whyItTookTime(state, position),
    after: whatCameAfter(state, position),
  };
}

function whatHappened(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const outcome =
    span.status.code === 'error' ? ` It failed${span.status.message ? `: ${span.status.message}` : ''}.` : '';
  return [`${describe(span)}, open for ${lengthOf(span)}.${outcome}`];
}

function whereItWas(state: RunState, position: number): Sentence {
  const above = ancestorsOf(state.index, position).filter(
    (span) => typeOf(spanAt(state.index, span)) !== 'run',
  );
  const who = `${LAYER_NAME[spanAt(state.index, position).layer]}, ${spanAt(state.index, position).component}`;
  if (above.length === 0) return [who];
  const shown = above.length > 7 ? [...above.slice(0, 3), -1, ...above.slice(-3)] : above;
  const chain = shown.flatMap((span): Phrase[] => [span < 0 ? '…' : link(state, span), ' → ']);
  const at = placeOf(spanAt(state.index, position));
  return [...chain, 'here', `: ${who}${at ? `, ${at}` : ''}.`];
}

/** The address that the span was about, where its component is not an address already. */
function placeOf(span: Span): string | undefined {
  if (!/^(connect_attempt|host_connection|proxy_try)$/.test(typeOf(span) ?? '')) return undefined;
  const address = firstOf(span, 'network.peer.address', 'server.address');
  const port = firstOf(span, 'network.peer.port', 'server.port');
  if (address === undefined || span.component.includes(address)) return undefined;
  return `to ${address}${port === undefined ? '' : ` port ${port}`}`;
}

function whyItTookTime(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const [ownNs, belowNs] = [at(state.path.ownNs, position), at(state.path.subtreeNs, position)];
  const proof = proofOf(span);
  if (belowNs === 0) return [state.path.pieces.length > 0 ? besidePath(span) : PATH_NOT_KNOWN, ...proof];
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

const PATH_NOT_KNOWN = 'Whether the run waited for it is not known: this run has no critical path.';

function besidePath(span: Span): string {
  switch (typeOf(span)) {
    case 'server_timing':
      return 'The server says how long this took, not when: its place here is inferred, and no time of the run is counted on it.';
    case 'host_connection':
      return 'It tells again, from the host’s side, what the requests on this connection tell: no time is counted twice.';
    default:
      return 'The run did not wait for it: it ran beside the critical path.';
  }
}

const share = (ns: Nanos, state: RunState): string =>
  `${Math.round((ns / (state.report.wallNs || 1)) * 100)} % of the run`;

function causesOf(state: RunState, position: number): string {
  const { columns } = state.path;
  const causes = new Set<number>();
  for (const piece of piecesWithin(state.path, state.index, position))
    if (columns.span[piece] === position) causes.add(at(columns.cause, piece));
  return [...causes].map((cause) => causeInWords(state.index.columns.texts.at(cause))).join(', ');
}

/** The span below that the run waited for longest. */
function deepestBelow(state: RunState, position: number): number | undefined {
  let best: number | undefined;
  for (const piece of piecesWithin(state.path, state.index, position)) {
    const span = at(state.path.columns.span, piece);
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

/**
 * ```
 * // here   |-------|
 * // path   |#######|####next####|##…      who had the water as soon as this let go of it
 * ```
 */
function whatCameAfter(state: RunState, position: number): Sentence {
  const span = spanAt(state.index, position);
  const lastPiece = piecesWithin(state.path, state.index, position).at(-1);
  const last = lastPiece === undefined ? undefined : state.path.pieces[lastPiece];
  if (lastPiece === undefined || !last) return afterBesidePath(state, position);
  const next = state.path.pieces[lastPiece + 1];
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
  const next = (parent < 0 ? new Int32Array() : childrenOfSpan(state.index, parent)).find(
    (brother) => brother !== position && at(state.index.startNs, brother) >= span.endNs,
  );
  if (next === undefined) return ['Nothing beside it began after it had ended.'];
  const pause = formatDuration(spanAt(state.index, next).startNs - span.endNs);
  return [link(state, next), ` began ${pause} after it had ended.`];
}
