/** Stops in the page: the step before it asked, and what it did with the answer. */
import { LAYER_NAME } from '../../model/layer.ts';
import type { PathPiece } from '../../model/report.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Drawing, DrawnBar } from '../../model/walk.ts';
import { counted } from '../causes/amounts.ts';
import { spansOfType, type Tree, typeOf } from '../tree.ts';
import type { Scene, StopMaker } from './scene.ts';
import { requestOf } from './telling-request.ts';
import { lengthInWords, listed, named, textOf, total } from './words.ts';

const BARS_DRAWN = 10;
/** Shorter stretches cannot be seen, and are no story. */
const WORTH_A_WORD_NS = 1e6;

export const startStop: StopMaker = (scene) => {
  const { step, request, before } = scene;
  if (!step) return undefined;
  const actions = actionsOf(scene, step.startNs, request.startNs);
  return {
    title: 'The step: somebody wants something',
    sentences: [
      `It begins in the step “${named(step.name)}”${actions.length > 0 ? `: the journey ${listed(actions.map(ACTION))}` : ''}.`,
      `${formatDuration(request.startNs - step.startNs)} later the browser asked for ${named(request.name)}${askedBy(request)}.`,
      spentOn(before, scene),
    ],
    shown: scene.tree.spanById.get(step.spanId),
    about: [],
    drawing: drawingOf(before, scene, step.startNs, request.startNs),
  };
};

export const pageStop: StopMaker = (scene) => {
  const { step, request, after } = scene;
  if (!step || after.length === 0) return undefined;
  const endNs = step.startNs + step.wallNs;
  const longest = longestTask(after, scene.tree);
  return {
    title: 'Back in the page: using the answer',
    sentences: [
      `With the answer in hand the browser goes on: it reads it, runs scripts, works out where everything goes (layout) and draws it (paint). The step was done ${formatDuration(endNs - request.endNs)} later.`,
      spentOn(after, scene),
      longest &&
        `The longest single piece of the page’s own work that the run waited for was “${named(longest.span.name)}”, ${formatDuration(longest.ns)}; meanwhile the page can do nothing else.`,
    ],
    shown: longest?.span,
    about: after.flatMap(({ spanId }) => scene.tree.spanById.get(spanId) ?? []),
    drawing: drawingOf(after, scene, request.endNs, endNs),
  };
};

/** Playwright's calls, as a person would say what they do. */
const ACTION = (name: string): string => {
  const [, method = ''] = /\.(\w+)$/.exec(name) ?? [];
  return Object.hasOwn(DOES, method) ? DOES[method]! : `called ${name}`;
};
const DOES: Readonly<Record<string, string>> = {
  goto: 'opened an address',
  click: 'clicked',
  dblclick: 'clicked twice',
  fill: 'filled in a field',
  press: 'pressed a key',
  check: 'ticked a box',
  selectOption: 'chose from a list',
  waitFor: 'waited for something to appear',
  reload: 'loaded the page anew',
};

function actionsOf({ tree }: Scene, fromNs: Nanos, toNs: Nanos): string[] {
  const names = spansOfType(tree, 'action')
    .filter(({ startNs }) => startNs >= fromNs && startNs <= toNs)
    .map(({ name }) => named(name));
  return [...new Set(names)];
}

const INITIATOR: Readonly<Record<string, string>> = {
  parser: ', because the page’s HTML names it',
  script: ', because a script of the page wanted it',
  user: ', because that is the address that was opened',
  preflight: ', to find out whether it may ask at all',
};
const askedBy = (request: Span): string => {
  const by = textOf(request, 'headwater.initiator') ?? '';
  return Object.hasOwn(INITIATOR, by) ? INITIATOR[by]! : '';
};

interface Spent {
  readonly work: Nanos;
  readonly others: readonly Span[];
  readonly othersNs: Nanos;
  /** Nobody saw what it was. */
  readonly unseen: Nanos;
  readonly rest: Nanos;
}

function spentOf(pieces: readonly PathPiece[], { tree, request }: Scene): Spent {
  const others = new Set<Span>();
  let [work, othersNs, unseen, rest] = [0, 0, 0, 0];
  for (const piece of pieces) {
    const span = tree.spanById.get(piece.spanId);
    const of = span && requestOf(span, tree);
    const ns = piece.endNs - piece.startNs;
    if (of && of !== request) {
      others.add(of);
      othersNs += ns;
    } else if (span && isPageWork(span)) work += ns;
    else if (piece.layer === 'unknown') unseen += ns;
    else rest += ns;
  }
  return { work, others: [...others], othersNs, unseen, rest };
}

const isPageWork = (span: Span): boolean => /^(task|task_part)$/.test(typeOf(span) ?? '');

/** `Of that time 90 ms was the page’s own work, and 300 ms went to 4 other requests (…).` */
function spentOn(pieces: readonly PathPiece[], scene: Scene): string | undefined {
  const { work, others, othersNs, unseen, rest } = spentOf(pieces, scene);
  const [longest] = others.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs));
  const which =
    longest &&
    `${others.length === 1 ? '' : 'the longest: '}${named(longest.name)}, ${lengthInWords(longest)}`;
  const parts = [
    work >= WORTH_A_WORD_NS && `${formatDuration(work)} was the page’s own work`,
    othersNs >= WORTH_A_WORD_NS &&
      which &&
      `${formatDuration(othersNs)} went to ${counted(others.length, 'other request')} (${which})`,
    rest >= WORTH_A_WORD_NS && `${formatDuration(rest)} went by in the browser and the journey themselves`,
    unseen >= WORTH_A_WORD_NS && `${formatDuration(unseen)} nobody saw`,
  ].filter((part): part is string => typeof part === 'string');
  return parts.length === 0 ? undefined : `Of that time ${listed(parts)}.`;
}

function longestTask(pieces: readonly PathPiece[], tree: Tree): { span: Span; ns: Nanos } | undefined {
  let longest: { span: Span; ns: Nanos } | undefined;
  for (const piece of pieces) {
    const span = tree.spanById.get(piece.spanId);
    const ns = piece.endNs - piece.startNs;
    if (span && isPageWork(span) && ns >= WORTH_A_WORD_NS && ns > (longest?.ns ?? 0)) longest = { span, ns };
  }
  return longest;
}

function drawingOf(
  pieces: readonly PathPiece[],
  scene: Scene,
  startNs: Nanos,
  endNs: Nanos,
): Drawing | undefined {
  if (total(pieces) <= 0) return undefined;
  const bars = barsOf(pieces, scene);
  const kept = new Set(
    bars.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs)).slice(0, BARS_DRAWN),
  );
  return {
    kind: 'bars',
    startNs,
    endNs,
    bars: bars.filter((bar) => kept.has(bar)),
    left: bars.length - kept.size,
  };
}

/** Neighbouring pieces of one request are one bar. */
function barsOf(pieces: readonly PathPiece[], { tree }: Scene): DrawnBar[] {
  const bars: { bar: DrawnBar; owner: Span | undefined }[] = [];
  for (const { spanId, startNs, endNs, layer, component, evidence } of pieces) {
    const span = tree.spanById.get(spanId);
    const owner = (span && requestOf(span, tree)) ?? span;
    const last = bars.at(-1);
    if (last && owner && last.owner === owner) {
      bars[bars.length - 1] = { owner, bar: { ...last.bar, endNs } };
      continue;
    }
    const label = named(owner?.name ?? `${LAYER_NAME[layer]}, ${component}`, 48);
    bars.push({ owner, bar: { label, layer: owner?.layer ?? layer, depth: 0, startNs, endNs, evidence } });
  }
  return bars.map(({ bar }) => bar);
}
