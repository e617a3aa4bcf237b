/** The page's instants under the time axis: errors, console, paints, shifts. Those too near to tell apart share a mark. */
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { MARK_KINDS, type Mark, type MarkKind } from '../trace/marks.ts';
import type { Geometry } from './geometry.ts';
import { markSign } from './mark-sign.ts';
import { rovingButtons, stripScale } from './strip.ts';

/** A mark is 16 px wide; nearer ones would cover each other. */
const APART_PX = 15;
/** In a tooltip. */
const TOLD = 8;

export interface MarkLane {
  readonly element: HTMLElement;
  draw(geometry: Geometry): void;
}

export function createMarkLane(state: RunState, openPanel: () => void): MarkLane {
  const marks = state.marks.ofPage;
  const lane = el('div', { class: 'mark-lane', role: 'group', 'aria-label': 'Moments of the page' });
  const element = el(
    'div',
    { class: 'marks', hidden: marks.length === 0 },
    el('span', { class: 'caption' }, 'Moments'),
    lane,
  );
  const settle = rovingButtons(lane);
  let drawnFor = '';

  function draw(geometry: Geometry): void {
    const { x, width } = stripScale(geometry, state.window);
    const key = `${width}|${state.window.startNs}|${state.window.endNs}`;
    if (marks.length === 0 || key === drawnFor) return;
    drawnFor = key;
    const shown = clusterMarks(marks, x).filter(({ at }) => at >= -1 && at <= width + 1);
    const focused = lane.contains(document.activeElement);
    lane.replaceChildren(...shown.map((cluster) => markButton(cluster, state, openPanel)));
    settle();
    if (focused) lane.querySelector<HTMLElement>('button[tabindex="0"]')?.focus();
  }
  return { element, draw };
}

export interface MarkCluster {
  readonly at: number;
  readonly marks: readonly Mark[];
}

/**
 * ```
 * // marks     ◆◆✕        △      ◆
 * // shown     ✕3         △      ◆      the gravest of them stands for all
 * ```
 */
export function clusterMarks(marks: readonly Mark[], x: (ns: Nanos) => number): MarkCluster[] {
  const clusters: { at: number; marks: Mark[] }[] = [];
  for (const mark of marks) {
    const at = x(mark.timeNs);
    const last = clusters.at(-1);
    if (last && at - last.at < APART_PX) last.marks.push(mark);
    else clusters.push({ at, marks: [mark] });
  }
  return clusters;
}

const gravest = (marks: readonly Mark[]): MarkKind =>
  MARK_KINDS.find((kind) => marks.some((mark) => mark.kind === kind)) ?? 'note';

function markButton({ at, marks }: MarkCluster, state: RunState, openPanel: () => void): HTMLButtonElement {
  const kind = gravest(marks);
  const text = marks.slice(0, TOLD).map(markInWords);
  if (marks.length > TOLD) text.push(`and ${marks.length - TOLD} more`);
  const target = marks.find((mark) => mark.kind === kind) ?? marks[0];
  return el(
    'button',
    {
      type: 'button',
      class: `moment ${kind}`,
      tabindex: -1,
      'aria-label': `${marks.length > 1 ? `${marks.length} moments: ` : ''}${text.join('; ')}`,
      'data-tip': text.join('\n'),
      style: { transform: `translateX(${Math.round(at)}px)` },
      on: {
        click: () => {
          if (target) state.reveal(target.span);
          openPanel();
        },
      },
    },
    markSign(kind),
    marks.length > 1 && el('span', { class: 'count', 'aria-hidden': true }, String(marks.length)),
  );
}

export const markInWords = ({ name, detail, timeNs }: Mark): string =>
  `${shorten(name, 80)} at ${formatDuration(timeNs)}${detail ? `: ${shorten(detail, 160)}` : ''}`;
