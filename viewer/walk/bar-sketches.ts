/** Drawings made of bars: the shares of a whole, a small waterfall, and the requests of one connection. */
import { formatDuration } from '../../src/model/time.ts';
import type { Drawing, RiderRole } from '../../src/model/walk.ts';
import { SEEN_PX, type Sketch, scaleOf } from './sketch.ts';
import { fitting, svg } from './svg.ts';

type Of<K extends Drawing['kind']> = Extract<Drawing, { kind: K }>;

const SHARE_ROW_PX = 26;
/** Room for "Connection pool", the longest of the stops. */
const SHARE_NAME_PX = 124;
const SHARE_AMOUNT_PX = 64;

export function shareSketch({ shares }: Of<'shares'>): Sketch {
  const most = Math.max(1, ...shares.map(({ ns }) => ns));
  return {
    caption: 'Each bar is as long as its share of the time.',
    words: shares.map(({ name, ns }) => `${name}: ${formatDuration(ns)}`),
    draw: (width) => {
      const room = Math.max(40, width - SHARE_NAME_PX - SHARE_AMOUNT_PX);
      const rows = shares.map(({ name, layer, ns }, i) => {
        const y = i * SHARE_ROW_PX;
        const length = Math.max(SEEN_PX, (ns / most) * room);
        return svg(
          'g',
          { 'data-layer': layer },
          svg('text', { x: 0, y: y + 16 }, fitting(name, SHARE_NAME_PX - 8)),
          svg('rect', { class: 'bar', x: SHARE_NAME_PX, y: y + 4, width: length, height: 17, rx: 2 }),
          svg('text', { class: 'amount', x: SHARE_NAME_PX + length + 8, y: y + 16 }, formatDuration(ns)),
        );
      });
      return svg(
        'svg',
        { width, height: shares.length * SHARE_ROW_PX + 4, 'aria-hidden': 'true', class: 'sketch' },
        ...rows,
      );
    },
  };
}

const BAR_ROW_PX = 34;
const AXIS_PX = 22;
const INDENT_PX = 10;

export function barSketch({ startNs, endNs, bars, left }: Of<'bars'>): Sketch {
  const more = left > 0 ? ` ${left} shorter ${left === 1 ? 'one is' : 'ones are'} left out.` : '';
  const hatched = bars.some(({ evidence }) => evidence === 'inferred')
    ? ' Hatched: worked out, not measured.'
    : '';
  return {
    caption: `Time runs to the right, to scale: ${formatDuration(endNs - startNs)} from edge to edge.${more}${hatched}`,
    words: bars.map(
      (bar) =>
        `${bar.label}: ${formatDuration(bar.endNs - bar.startNs)}, from ${formatDuration(bar.startNs - startNs)} on${bar.evidence === 'inferred' ? ' (worked out)' : ''}`,
    ),
    draw: (width) => {
      const x = scaleOf(startNs, endNs, 0, width - 2);
      const rows = bars.map((bar, i) => {
        const [from, to] = [x(bar.startNs), x(bar.endNs)];
        const length = Math.max(SEEN_PX, to - from);
        const y = i * BAR_ROW_PX;
        const amount = formatDuration(bar.endNs - bar.startNs);
        const indent = Math.min(bar.depth, 6) * INDENT_PX;
        return svg(
          'g',
          { 'data-layer': bar.layer },
          svg('line', { class: 'ground', x1: 0, x2: width, y1: y + 26, y2: y + 26 }),
          svg('text', { x: indent, y: y + 14 }, fitting(bar.label, width - indent - 80)),
          svg('text', { class: 'amount', x: width - 2, y: y + 14, 'text-anchor': 'end' }, amount),
          svg('rect', {
            class: 'bar',
            x: Math.min(from, width - SEEN_PX),
            y: y + 20,
            width: length,
            height: 10,
            rx: 2,
          }),
          bar.evidence === 'inferred' &&
            svg('rect', { class: 'hatch', x: from, y: y + 20, width: length, height: 10, rx: 2 }),
        );
      });
      const height = bars.length * BAR_ROW_PX + AXIS_PX;
      return svg(
        'svg',
        { width, height, 'aria-hidden': 'true', class: 'sketch' },
        hatchPattern(),
        ...rows,
        svg('text', { class: 'time', x: 0, y: height - 5 }, '0'),
        svg(
          'text',
          { class: 'time', x: width - 2, y: height - 5, 'text-anchor': 'end' },
          formatDuration(endNs - startNs),
        ),
      );
    },
  };
}

/** Each drawing has its own: a pattern is found by its id, and one is on the page at a time. */
const hatchPattern = (): SVGElement =>
  svg(
    'defs',
    {},
    svg(
      'pattern',
      {
        id: 'walk-hatch',
        width: 5,
        height: 5,
        patternUnits: 'userSpaceOnUse',
        patternTransform: 'rotate(45)',
      },
      svg('rect', { class: 'hatch-line', width: 2, height: 5 }),
    ),
  );

const RIDER_ROW_PX = 6;
/** More requests than this are lines too thin to count; the caption says how many there are. */
const RIDERS_DRAWN = 60;
const ROLE: Readonly<Record<RiderRole, string>> = {
  paid: 'made it',
  rode: 'rode on it',
  here: 'this request',
};

export function riderSketch({ startNs, endNs, riders }: Of<'riders'>): Sketch {
  const here = riders.findIndex(({ role }) => role === 'here');
  const from = Math.max(0, Math.min(here - RIDERS_DRAWN + 5, riders.length - RIDERS_DRAWN));
  const drawn = riders.slice(from, from + RIDERS_DRAWN);
  const firstNs = Math.min(startNs, ...riders.map((rider) => rider.startNs));
  const left = riders.length - drawn.length;
  return {
    caption: `The connection was open for ${formatDuration(endNs - startNs)} (the frame); each line is a request that used it, to scale.${left > 0 ? ` ${left} are left out.` : ''}`,
    words: drawn.map(
      (rider) =>
        `${ROLE[rider.role]}: from ${formatDuration(rider.startNs - firstNs)} to ${formatDuration(rider.endNs - firstNs)}`,
    ),
    draw: (width) => {
      const x = scaleOf(firstNs, endNs, 0, width - 2);
      const height = drawn.length * RIDER_ROW_PX + 60;
      const rows = drawn.map(({ startNs: s, endNs: e, role }, i) =>
        svg('rect', {
          class: `rider ${role}`,
          x: x(s),
          y: 28 + i * RIDER_ROW_PX,
          width: Math.max(SEEN_PX + 1, x(e) - x(s)),
          height: RIDER_ROW_PX - 2,
        }),
      );
      const mine = drawn.findIndex(({ role }) => role === 'here');
      const at = drawn[mine];
      const middle = at ? x(at.startNs) : 0;
      return svg(
        'svg',
        { width, height, 'aria-hidden': 'true', class: 'sketch', 'data-layer': 'tcp' },
        svg('rect', {
          class: 'ridden',
          x: x(startNs),
          y: 20,
          width: x(endNs) - x(startNs),
          height: height - 44,
          rx: 6,
        }),
        ...rows,
        at &&
          svg('line', { class: 'rider-line', x1: middle, x2: middle, y1: 16, y2: 28 + mine * RIDER_ROW_PX }),
        svg(
          'text',
          { class: 'strong', x: middle, y: 12, 'text-anchor': middle > width / 2 ? 'end' : 'start' },
          'this request',
        ),
        svg('text', { class: 'time', x: 0, y: height - 6 }, '0'),
        svg(
          'text',
          { class: 'time', x: width - 2, y: height - 6, 'text-anchor': 'end' },
          formatDuration(endNs - firstNs),
        ),
      );
    },
  };
}
