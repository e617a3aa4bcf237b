/** Wall time of a journey's last runs in the size of a word: a line from run to run, a cross where one failed. */
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { runSign, svg } from '../journey/svg.ts';

/** A run, or a step of one. */
type Walked = Pick<RunSummary, 'wallNs' | 'status'>;

const WIDTH = 150;
const HEIGHT = 30;
const PAD = 4;

/** @param runs finished ones, oldest first */
export function sparkline(runs: readonly Walked[]): SVGElement {
  const most = Math.max(1, ...runs.map(({ wallNs }) => wallNs));
  const step = (WIDTH - 2 * PAD) / Math.max(1, runs.length - 1);
  const points = runs.map(({ wallNs, status }, i) => ({
    x: runs.length === 1 ? WIDTH / 2 : round(PAD + i * step),
    // from zero, so that twice as high is twice as long
    y: round(HEIGHT - PAD - (wallNs / most) * (HEIGHT - 2 * PAD)),
    isOk: status === 'ok',
  }));
  const well = points.filter(({ isOk }) => isOk);
  const line = well.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const signs = points
    .filter(({ isOk }, i) => !isOk || i === points.length - 1)
    .map(({ x, y, isOk }) => runSign(x, y, isOk, isOk ? 2.5 : 3));
  return svg(
    'svg',
    {
      class: 'sparkline',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      width: WIDTH,
      height: HEIGHT,
      role: 'img',
      'aria-label': inWords(runs),
    },
    svg('path', { class: 'base', d: `M0 ${HEIGHT - PAD}H${WIDTH}` }),
    svg('path', { class: 'trend', d: line }),
    ...signs,
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;

function inWords(runs: readonly Walked[]): string {
  const walls = runs.map(({ wallNs }) => wallNs);
  const failed = runs.filter(({ status }) => status === 'failed').length;
  const range =
    runs.length === 1
      ? `One run: ${formatDuration(walls[0] ?? 0)}`
      : `Last ${runs.length} runs: ${formatDuration(Math.min(...walls))} to ${formatDuration(Math.max(...walls))}`;
  return failed > 0 ? `${range}, ${failed} failed` : range;
}
