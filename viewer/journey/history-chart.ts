/**
 * The history of a journey as a picture: a bar a run, cut by layer, with the sign of how it ended on top; behind them
 * what is usual, across them the percentiles.
 */
import { scaleLinear } from 'd3';
import { PERCENTILES, percentilesOf } from '../../src/analyse/journey/percentile.ts';
import type { JourneyHistory } from '../../src/model/journey.ts';
import { LAYERS } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import { layersInWords } from '../runs/layer-bar.ts';
import { formatTick } from '../waterfall/ticks.ts';
import { budgetLine, budgetReachNs, overInWords } from './budget-line.ts';
import type { JourneyState, ShownRun } from './journey-state.ts';
import { type RunScale, runScale } from './run-scale.ts';
import { runSign, svg } from './svg.ts';

const HEIGHT = 260;
const MARGIN = { top: 14, right: 74, bottom: 24, left: 56 };
const PLOT_HEIGHT = HEIGHT - MARGIN.top - MARGIN.bottom;
/** Labels of percentiles are kept so far apart. */
const LABEL_PX = 13;
/** Fewer runs have no distribution: the bars say it all, and the lines would lie on each other. */
const FEWEST_FOR_PERCENTILES = 4;

export interface HistoryChart {
  readonly element: HTMLElement;
  draw(): void;
  /** Marks the selected run, without drawing the others again. */
  point(): void;
}

export function createHistoryChart(state: JourneyState, open: (run: ShownRun) => void): HistoryChart {
  const element = el('div', {
    class: 'history-chart',
    role: 'listbox',
    tabindex: 0,
    'aria-label': 'Runs by when they began: arrow keys go from run to run, Enter opens one',
  });
  const draw = (): void => {
    const width = Math.max(240, element.clientWidth);
    const plot = width - MARGIN.left - MARGIN.right;
    const x = runScale(state.shown, state.byRun, plot);
    const { history } = state;
    const mostNs = Math.max(1, ...state.shown.map(({ wallNs }) => wallNs), history.usual?.highNs ?? 0);
    const reachNs = Math.max(mostNs, budgetReachNs(history, mostNs));
    const y = scaleLinear([0, reachNs], [PLOT_HEIGHT, 0]).nice(4);
    const g = svg(
      'g',
      { transform: `translate(${MARGIN.left},${MARGIN.top})` },
      ...grid(y, plot),
      ...usualBand(state, y, plot),
      ...state.shown.map((run) => bar(run, history, x, y)),
      ...percentileLines(state, y, plot),
      ...budgetLine(history, y, plot, y.domain()[1] ?? reachNs),
      ...axis(x),
    );
    element.replaceChildren(svg('svg', { width, height: HEIGHT, role: 'presentation' }, g));
    pointed = undefined;
    point();
  };
  let pointed: Element | undefined;
  const point = (): void => {
    mark(pointed, false);
    const run = state.selectedRun;
    pointed = (run && element.querySelector(`#${idOf(run)}`)) ?? undefined;
    mark(pointed, true);
    if (run) element.setAttribute('aria-activedescendant', idOf(run));
    else element.removeAttribute('aria-activedescendant');
  };
  const runAt = (event: Event): ShownRun | undefined => {
    const id =
      event.target instanceof Element
        ? event.target.closest('[data-trace]')?.getAttribute('data-trace')
        : null;
    return state.shown.find(({ traceId }) => traceId === id);
  };
  element.addEventListener('pointerover', (event) => {
    const run = runAt(event);
    if (run && run.traceId !== state.selected) state.change({ selected: run.traceId });
  });
  element.addEventListener('click', (event) => {
    const run = runAt(event);
    if (run) open(run);
  });
  return { element, draw, point };
}

function mark(bar: Element | undefined, isSelected: boolean): void {
  bar?.classList.toggle('selected', isSelected);
  bar?.setAttribute('aria-selected', String(isSelected));
}

type Y = (ns: number) => number;
const idOf = ({ traceId }: ShownRun): string => `run-${traceId}`;

/** `#7, failed, 2.61 s, 610 ms over budget: database 1.38 s, …` */
export function runInWords(run: ShownRun, history: JourneyHistory): string {
  const layers = layersInWords(run.layers);
  return `#${run.number}, ${new Date(run.startMs).toLocaleString()}, ${run.status}, ${formatDuration(run.wallNs)}${overInWords(run.wallNs, history)}${layers && `: ${layers}`}`;
}

function bar(run: ShownRun, history: JourneyHistory, x: RunScale, y: Y): SVGElement {
  const middle = x.x(run);
  const left = middle - x.barWidth / 2;
  let bottomNs = 0;
  const pieces = LAYERS.filter((layer) => (run.layers[layer] ?? 0) > 0).map((layer) => {
    const topNs = bottomNs + (run.layers[layer] ?? 0);
    const piece = svg('rect', {
      class: 'piece',
      'data-layer': layer,
      x: left,
      width: x.barWidth,
      y: y(topNs),
      height: Math.max(0, y(bottomNs) - y(topNs)),
    });
    bottomNs = topNs;
    return piece;
  });
  // As high as the plot, so that a short run is as easy to point at as a long one.
  const reach = svg('rect', {
    class: 'reach',
    x: left - 2,
    width: x.barWidth + 4,
    y: 0,
    height: PLOT_HEIGHT,
  });
  const isOk = run.status === 'ok';
  // A thousand dots beside each other would be a band that means nothing.
  const size = isOk ? Math.min(3, x.barWidth / 3) : 4;
  const sign = runSign(middle, y(run.wallNs) - 6, isOk, size);
  const name = shorten(runInWords(run, history), 300);
  return svg(
    'g',
    {
      class: 'bar',
      id: idOf(run),
      role: 'option',
      'aria-selected': 'false',
      'aria-label': name,
      'data-trace': run.traceId,
    },
    reach,
    ...pieces,
    sign,
  );
}

function grid(y: ReturnType<typeof scaleLinear<number, number>>, width: number): SVGElement[] {
  const ticks = y.ticks(4);
  const step = (ticks[1] ?? 1) - (ticks[0] ?? 0);
  const most = y.domain()[1] ?? 1;
  return ticks.flatMap((ns) => [
    svg('path', { class: 'grid', d: `M0 ${y(ns)}H${width}` }),
    svg('text', { class: 'tick', x: -8, y: y(ns) + 4, 'text-anchor': 'end' }, formatTick(ns, step, most)),
  ]);
}

function usualBand({ history: { usual } }: JourneyState, y: Y, width: number): SVGElement[] {
  if (!usual) return [];
  const [top, bottom] = [y(usual.highNs), y(usual.lowNs)];
  return [
    svg('rect', { class: 'usual', x: 0, width, y: top, height: bottom - top }),
    svg('path', { class: 'usual-edge', d: `M0 ${top}H${width}M0 ${bottom}H${width}` }),
  ];
}

/** Lines where they belong; labels moved apart, in the same order. */
function percentileLines({ shown }: JourneyState, y: Y, width: number): SVGElement[] {
  const wallsNs = shown.filter(({ status }) => status === 'ok').map(({ wallNs }) => wallNs);
  const found = percentilesOf(wallsNs);
  if (!found || wallsNs.length < FEWEST_FOR_PERCENTILES) return [];
  let lowest = PLOT_HEIGHT + LABEL_PX;
  return PERCENTILES.flatMap((p) => {
    const ns = found[`p${p}`];
    const at = y(ns);
    lowest = Math.min(at + 4, lowest - LABEL_PX);
    return [
      svg('path', { class: `percentile p${p}`, d: `M0 ${at}H${width}` }),
      svg('text', { class: 'tick', x: width + 6, y: lowest }, `p${p} ${formatDuration(ns)}`),
    ];
  });
}

const axis = ({ ticks }: RunScale): SVGElement[] =>
  ticks.map(({ x, text }) =>
    svg('text', { class: 'tick', x, y: PLOT_HEIGHT + 17, 'text-anchor': 'middle' }, text),
  );
