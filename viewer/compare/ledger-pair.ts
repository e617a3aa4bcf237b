/**
 * Both ledgers as bars on one scale, one above the other; bands join the pieces of the same part, so that what grew is
 * seen to grow:
 * ```
 * this run   [browser      ][net][db                  ]
 *             \            \  \  \\                  /
 * the other  [browser     ][net][d]
 * ```
 */
import { partInWords, signedDuration } from '../../src/analyse/compare/sentence.ts';
import type { ComparedSide, Comparison, PartChange } from '../../src/model/comparison.ts';
import { LAYER_NAME, LAYERS } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el } from '../element.ts';
import { svg } from '../journey/svg.ts';

/** Width of the drawing in its own units; the screen stretches it. */
const WIDTH = 1000;
const BAND_HEIGHT = 40;
/** Share of the longer run from which on a change is drawn strongly. */
const STRONG_SHARE = 0.02;

interface Placed {
  readonly part: PartChange;
  /** Share of the longer bar, from 0 to 1. */
  readonly a: { readonly from: number; readonly share: number };
  readonly b: { readonly from: number; readonly share: number };
}

export function ledgerPair(comparison: Comparison, otherName: string): HTMLElement {
  const placed = place(comparison.parts);
  return el(
    'section',
    { class: 'ledger-pair', 'aria-label': 'Both ledgers' },
    side('This run', comparison.a),
    bar(placed, 'a'),
    bands(placed),
    bar(placed, 'b'),
    side(otherName, comparison.b),
    legend(comparison.parts),
  );
}

const side = (name: string, { wallNs }: ComparedSide): HTMLElement =>
  el('p', { class: 'side-name' }, el('b', {}, name), ` ${formatDuration(wallNs)}`);

/** In the order of the layers; inside of one, the largest first. The same order in both, or bands would cross. */
function place(parts: readonly PartChange[]): Placed[] {
  const size = ({ aNs, bNs }: PartChange): number => Math.max(aNs, bNs);
  const ordered = [...parts].sort(
    (x, y) => LAYERS.indexOf(x.layer) - LAYERS.indexOf(y.layer) || size(y) - size(x),
  );
  const total = (key: 'aNs' | 'bNs'): number => parts.reduce((sum, part) => sum + part[key], 0);
  const longest = Math.max(1, total('aNs'), total('bNs'));
  let [a, b] = [0, 0];
  return ordered.map((part) => {
    const placed = {
      part,
      a: { from: a / longest, share: part.aNs / longest },
      b: { from: b / longest, share: part.bNs / longest },
    };
    [a, b] = [a + part.aNs, b + part.bNs];
    return placed;
  });
}

const percent = (share: number): string => `${share * 100}%`;

function bar(placed: readonly Placed[], which: 'a' | 'b'): HTMLElement {
  const pieces = placed.filter((each) => each[which].share > 0).map((each) => piece(each, which));
  const names = LAYERS.flatMap((layer) => {
    const its = placed.filter(({ part }) => part.layer === layer);
    const share = its.reduce((sum, each) => sum + each[which].share, 0);
    const from = its[0]?.[which].from ?? 0;
    const words = el('span', { class: 'words' }, LAYER_NAME[layer]);
    const style = { left: percent(from), width: percent(share) };
    return share > 0 ? [el('div', { class: 'layer-name', 'data-layer': layer, style }, words)] : [];
  });
  return el('div', { class: 'pair-bar', 'aria-hidden': true }, ...pieces, ...names);
}

function piece({ part, ...sides }: Placed, which: 'a' | 'b'): HTMLElement {
  const isInferred = which === 'a' ? part.aInferred : part.bInferred;
  const { from, share } = sides[which];
  return el('div', {
    class: isInferred || part.layer === 'unknown' ? 'pair-piece hatched' : 'pair-piece',
    'data-layer': part.layer,
    title: titleOf(part),
    style: { left: percent(from), width: percent(share) },
  });
}

const titleOf = (part: PartChange): string =>
  `${partInWords(part)}: ${formatDuration(part.aNs)}, the other ${formatDuration(part.bNs)} (${signedDuration(part.deltaNs)})`;

function bands(placed: readonly Placed[]): SVGElement {
  const polygons = placed.map(({ part, a, b }) => {
    const corners = [
      [a.from, 0],
      [a.from + a.share, 0],
      [b.from + b.share, BAND_HEIGHT],
      [b.from, BAND_HEIGHT],
    ] as const;
    const isStrong = Math.abs(a.share - b.share) >= STRONG_SHARE;
    return svg('polygon', {
      class: isStrong ? 'band strong' : 'band',
      'data-layer': part.layer,
      points: corners.map(([x, y]) => `${(x * WIDTH).toFixed(2)},${y}`).join(' '),
    });
  });
  return svg(
    'svg',
    {
      class: 'bands',
      viewBox: `0 0 ${WIDTH} ${BAND_HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    ...polygons,
  );
}

function legend(parts: readonly PartChange[]): HTMLElement {
  const layers = LAYERS.filter((layer) => parts.some((part) => part.layer === layer));
  const keys = layers.map((layer) =>
    el('li', { 'data-layer': layer }, el('i', { class: 'swatch', 'aria-hidden': true }), LAYER_NAME[layer]),
  );
  return el('ul', { class: 'pair-legend', 'aria-label': 'Layers' }, ...keys);
}
