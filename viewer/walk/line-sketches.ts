/** Two drawings of their own: people in a line before a counter, and the steps of a database's plan as a tree. */
import { formatDuration } from '../../src/model/time.ts';
import type { Drawing, PlanStep, WalkPiece } from '../../src/model/walk.ts';
import { grouped } from '../panel/attribute.ts';
import { SEEN_PX, type Sketch, scaleOf } from './sketch.ts';
import { fitting, svg } from './svg.ts';

type Of<K extends Drawing['kind']> = Extract<Drawing, { kind: K }>;

const PERSON_PX = 34;
/** More people than this do not fit on a small screen; their number is said. */
const PEOPLE_DRAWN = 5;
const FLOOR_PX = 96;

export function queueSketch({ who, counter, waitedNs, waits, startNs, endNs, ahead }: Of<'queue'>): Sketch {
  const waited = formatDuration(waitedNs);
  const known = ahead === undefined ? 'How many stood before it, nobody said.' : `${ahead} stood before it.`;
  return {
    caption: `${known} Below, to scale: when it waited, in the ${formatDuration(endNs - startNs)} of the whole request.`,
    words: [`A line before ${counter}; ${who} stands in it for ${waited}. ${known}`],
    draw: (width) => {
      const counterPx = Math.min(200, width * 0.4);
      const drawn = Math.max(
        0,
        Math.min(ahead ?? 0, PEOPLE_DRAWN, Math.floor((width - counterPx) / PERSON_PX) - 4),
      );
      const unseen = (ahead ?? 0) - drawn;
      const meX = ME_PX;
      const counterX = meX + (drawn + (unseen > 0 ? 2 : 0)) * PERSON_PX + 36;
      const others = Array.from({ length: drawn }, (_, i) => person(meX + (i + 1) * PERSON_PX, 'other'));
      return svg(
        'svg',
        { width, height: FLOOR_PX + 62, 'aria-hidden': 'true', class: 'sketch' },
        svg('line', { class: 'floor', x1: 0, x2: width, y1: FLOOR_PX, y2: FLOOR_PX }),
        svg('rect', {
          class: 'queue-counter',
          x: counterX,
          y: 34,
          width: counterPx,
          height: FLOOR_PX - 34,
          rx: 4,
        }),
        svg('text', { class: 'strong', x: counterX + 10, y: 70 }, fitting(counter, counterPx - 20)),
        person(meX, 'me'),
        ...others,
        unseen > 0 &&
          svg('text', { class: 'time', x: meX + (drawn + 1) * PERSON_PX - 12, y: 74 }, `+ ${unseen} more`),
        svg('text', { class: 'strong', x: 0, y: 22 }, fitting(who, counterX + counterPx)),
        ...waitBar(waits, scaleOf(startNs, endNs, 0, width - 2), width),
        svg('text', { class: 'time', x: 0, y: FLOOR_PX + 56 }, `waited ${waited}`),
        svg(
          'text',
          { class: 'time', x: width - 2, y: FLOOR_PX + 56, 'text-anchor': 'end' },
          formatDuration(endNs - startNs),
        ),
      );
    },
  };
}

function waitBar(waits: readonly WalkPiece[], x: (ns: number) => number, width: number): SVGElement[] {
  const at = { y: FLOOR_PX + 24, height: 14, rx: 3 };
  const stretches = waits.map(({ startNs, endNs }) => {
    const length = Math.max(SEEN_PX, x(endNs) - x(startNs));
    return svg('rect', { class: 'bar', x: Math.min(x(startNs), width - SEEN_PX), width: length, ...at });
  });
  return [svg('rect', { class: 'whole', x: 0, width: width - 2, ...at }), ...stretches];
}

/** Where the one stands whom this is about, px from the left. */
const ME_PX = 44;

const person = (x: number, role: string): SVGElement =>
  svg(
    'g',
    { class: `person ${role}` },
    svg('circle', { cx: x, cy: 44, r: 8 }),
    svg('path', { d: `M${x - 11} ${FLOOR_PX} v-24 a11 12 0 0 1 22 0 v24 z` }),
  );

const STEP_PX = 50;
const INDENT_PX = 18;

export function planSketch({ steps, left }: Of<'plan'>): Sketch {
  const most = Math.max(1, ...steps.map(({ ownNs }) => ownNs));
  return {
    caption: `Rows flow from the lowest step up. The bar is the time that a step took for itself.${left > 0 ? ` ${left} more ${left === 1 ? 'step is' : 'steps are'} in the waterfall.` : ''}`,
    words: steps.map((step) => `${'– '.repeat(step.depth)}${step.label}: ${factsOf(step)}`),
    draw: (width) => {
      const rows = steps.map((step, i) => {
        const x = Math.min(step.depth, 8) * INDENT_PX;
        const y = i * STEP_PX;
        const room = Math.max(40, width - x - 24);
        return svg(
          'g',
          { 'data-layer': 'db' },
          step.depth > 0 && svg('path', { class: 'branch', d: `M${x - 8} ${y - 18} v26 h8` }),
          svg('text', { class: 'strong', x: x + 6, y: y + 14 }, fitting(step.label, room)),
          svg('text', { class: 'amount', x: x + 6, y: y + 29 }, fitting(factsOf(step), room)),
          svg('rect', {
            class: 'bar',
            x: x + 6,
            y: y + 34,
            width: Math.max(SEEN_PX, (step.ownNs / most) * (room - 6)),
            height: 7,
            rx: 2,
          }),
        );
      });
      return svg(
        'svg',
        { width, height: steps.length * STEP_PX + 4, 'aria-hidden': 'true', class: 'sketch' },
        ...rows,
      );
    },
  };
}

function factsOf({ ownNs, rows, removed }: PlanStep): string {
  return [
    `own ${formatDuration(ownNs)}`,
    rows !== undefined && `${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    removed !== undefined && `${grouped(removed)} thrown away`,
  ]
    .filter(Boolean)
    .join(', ');
}
