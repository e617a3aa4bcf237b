/** All runs in one strip under the chart; dragging in it chooses the span of time that everything else is about. */
import { brushX, type D3BrushEvent, select } from 'd3';
import { el } from '../element.ts';
import type { JourneyState } from './journey-state.ts';
import { runScale } from './run-scale.ts';
import { runSign, svg } from './svg.ts';

const HEIGHT = 38;
const PAD = 8;

export interface SpanStrip {
  readonly element: HTMLElement;
  draw(): void;
}

export function createSpanStrip(state: JourneyState): SpanStrip {
  const element = el('div', { class: 'span-strip', title: 'Drag to choose a span of time' });
  const root = svg('svg', { height: HEIGHT, 'aria-hidden': 'true' });
  const marks = svg('g');
  const brushed = svg('g', { class: 'brush' });
  root.append(marks, brushed);
  element.append(root);
  const brush = brushX<unknown>();

  const draw = (): void => {
    const width = Math.max(200, element.clientWidth);
    const scale = runScale(state.all, state.byRun, width);
    const most = Math.max(1, ...state.all.map(({ wallNs }) => wallNs));
    root.setAttribute('width', String(width));
    marks.replaceChildren(
      ...state.all.map((run) =>
        runSign(
          scale.x(run),
          HEIGHT - PAD - (run.wallNs / most) * (HEIGHT - 2 * PAD),
          run.status === 'ok',
          2.5,
        ),
      ),
    );
    brush.extent([
      [0, 0],
      [width, HEIGHT],
    ]);
    brush.on('end', (event: D3BrushEvent<unknown>) => {
      // Moved by the program, not by a person.
      if (!event.sourceEvent) return;
      const chosen = event.selection as [number, number] | null;
      const within =
        chosen && state.all.filter((run) => scale.x(run) >= chosen[0] && scale.x(run) <= chosen[1]);
      state.change({ span: within?.length ? spanOf(within) : undefined });
    });
    const group = select(brushed as SVGGElement);
    group.call(brush as never);
    group.call(brush.move as never, selectionOf(state, scale));
  };
  return { element, draw };
}

type Scale = ReturnType<typeof runScale>;

/** From the first run to the last, whole milliseconds. */
export const spanOf = (runs: readonly { readonly startMs: number }[]): readonly [number, number] => {
  const starts = runs.map(({ startMs }) => startMs);
  return [Math.floor(Math.min(...starts)), Math.floor(Math.max(...starts)) + 1];
};

function selectionOf({ span, shown }: JourneyState, scale: Scale): [number, number] | null {
  const [first, last] = [shown[0], shown.at(-1)];
  if (!span || !first || !last) return null;
  return [scale.x(first) - scale.barWidth / 2 - 2, scale.x(last) + scale.barWidth / 2 + 2];
}
