/**
 * The confusion matrix as SVG: a row for each cause that was injected, a column for each that was blamed. The diagonal
 * is right. On paper of its own, so that it reads the same in light and dark.
 *
 * ```
 *                       dns.slow  db.lock  …
 * injected  dns.slow      ██
 *           db.lock                 ██
 * ```
 */
import { LAYERS, type Layer } from '../../src/model/layer.ts';
import type { Summary } from './summary.ts';

const CELL = 19;
const LABEL = 172;
const TOP = 168;
const EDGE = 16;
const FOOT = 26;
const FONT = 'ui-sans-serif, system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif';
const PAPER = '#fdfcf9';
const INK = '#23282c';
const FAINT = '#e7e4dc';
/** No layer's colour: what is off the diagonal is seen at once. */
const WRONG = '#14181b';

/** As the viewer draws them on light paper. */
const COLOUR: Readonly<Record<Layer, string>> = {
  browser: '#4a6fae',
  dns: '#b07a0c',
  tcp: '#b85a20',
  tls: '#98448f',
  network: '#697789',
  lb: '#12807a',
  service: '#3b8040',
  db: '#bf3f36',
  think: '#8f8a80',
  unknown: '#3a3a3a',
};

export function drawConfusion(confusion: Summary['confusion']): string {
  const rows = Object.keys(confusion).sort(byLayer);
  const blamed = new Set(rows.flatMap((row) => Object.keys(confusion[row]!)));
  const columns = [...rows, ...[...blamed].filter((cause) => !rows.includes(cause)).sort(byLayer)];
  const width = EDGE + LABEL + columns.length * CELL + EDGE + 40;
  const height = EDGE + TOP + rows.length * CELL + FOOT + EDGE;
  const x = (column: number) => EDGE + LABEL + column * CELL;
  const y = (row: number) => EDGE + TOP + row * CELL;
  const body = [
    ...rows.map((cause, row) => rowOf(cause, row)),
    ...columns.map((cause, column) => columnLabel(cause, x(column) + CELL / 2, y(0) - 6)),
    text(EDGE, EDGE + TOP - 6, 'injected ↓   blamed →', { weight: 600 }),
    text(
      EDGE,
      height - EDGE,
      'Each cell: share of the runs of its row. The diagonal is right, grey to black is wrong. On the right: how many runs.',
      { fill: '#6b6f72' },
    ),
  ];
  return `${open(width, height)}\n${body.join('\n')}\n</svg>\n`;

  function rowOf(cause: string, row: number): string {
    const counts = confusion[cause]!;
    const runs = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const cells = columns.map((column, i) => {
      const share = (counts[column] ?? 0) / runs;
      return share === 0
        ? emptyCell(x(i), y(row))
        : cell(x(i), y(row), share, cause, column, counts[column]!);
    });
    const label = text(EDGE + LABEL - 8, y(row) + CELL / 2 + 4, cause, {
      anchor: 'end',
      fill: COLOUR[layerOf(cause)],
    });
    const total = text(x(columns.length) + 6, y(row) + CELL / 2 + 4, `${runs}`, { fill: '#8b8e90' });
    return [label, ...cells, total].join('');
  }
}

const layerOf = (cause: string): Layer =>
  LAYERS.find((layer) => layer === cause.split('.', 1)[0]) ?? 'unknown';
const byLayer = (a: string, b: string): number =>
  LAYERS.indexOf(layerOf(a)) - LAYERS.indexOf(layerOf(b)) || (a < b ? -1 : 1);

const open = (width: number, height: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" ` +
  `aria-label="Confusion matrix: injected cause against blamed cause" font-family="${FONT}" font-size="11">\n` +
  `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`;

const emptyCell = (x: number, y: number): string =>
  `<rect x="${x}" y="${y}" width="${CELL - 1}" height="${CELL - 1}" fill="${FAINT}" fill-opacity="0.45"/>`;

/** Faint cells must still be seen: one wrong run of thirty matters. */
const LEAST_OPACITY = 0.25;

function cell(x: number, y: number, share: number, injected: string, blamed: string, count: number): string {
  const fill = injected === blamed ? COLOUR[layerOf(injected)] : WRONG;
  const opacity = LEAST_OPACITY + (1 - LEAST_OPACITY) * share;
  const title = `${injected} blamed as ${blamed}: ${count} (${Math.round(share * 100)} %)`;
  const label =
    share < 1
      ? text(x + (CELL - 1) / 2, y + CELL / 2 + 3, `${Math.round(share * 100)}`, {
          anchor: 'middle',
          size: 8.5,
          fill: opacity > 0.5 ? PAPER : INK,
        })
      : '';
  return `<g><title>${escaped(title)}</title><rect x="${x}" y="${y}" width="${CELL - 1}" height="${CELL - 1}" fill="${fill}" fill-opacity="${opacity.toFixed(2)}"/>${label}</g>`;
}

const columnLabel = (cause: string, x: number, y: number): string =>
  `<g transform="translate(${x + 4} ${y}) rotate(-60)">${text(0, 0, cause, { fill: COLOUR[layerOf(cause)] })}</g>`;

interface TextStyle {
  readonly anchor?: 'middle' | 'end';
  readonly fill?: string;
  readonly size?: number;
  readonly weight?: number;
}

function text(
  x: number,
  y: number,
  words: string,
  { anchor, fill = INK, size, weight }: TextStyle = {},
): string {
  const style = `${anchor ? ` text-anchor="${anchor}"` : ''}${size ? ` font-size="${size}"` : ''}${weight ? ` font-weight="${weight}"` : ''}`;
  return `<text x="${x}" y="${y}" fill="${fill}"${style}>${escaped(words)}</text>`;
}

const escaped = (words: string): string =>
  words.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
