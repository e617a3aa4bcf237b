/** What is usual for a journey, told in a terminal: what has changed, and a table of layers step by step. Returns text. */
import type { UsualRow, UsualUnder } from '../../analyse/shift/usual-times.ts';
import { LAYER_NAME } from '../../model/layer.ts';
import type { Shift } from '../../model/shift.ts';
import { formatDuration } from '../../model/time.ts';
import type { JourneyNormal } from '../../run/shifts.ts';
import { type Colours, layerPaint, plain, toWidth } from './colour.ts';

const NAME_WIDTH = 32;
const TIME_WIDTH = 10;

export function renderNormal({ journey, site, usual, shifts }: JourneyNormal, colours: Colours): string {
  const name = plain(site === '' ? journey : `${journey} at ${site}`);
  const tables = usual.map((under) => tableOf(under, colours));
  return `${[colours.bold(name), shiftLines(shifts, colours), ...tables].join('\n\n')}\n`;
}

function shiftLines(shifts: readonly Shift[], colours: Colours): string {
  if (shifts.length === 0) return colours.dim('  Nothing has changed that is more than chance.');
  return shifts.map((shift) => shiftLine(shift, colours)).join('\n');
}

function shiftLine(
  { direction, sentence, conditions, before, after, traceId, usualTraceId }: Shift,
  colours: Colours,
) {
  const mark = direction === 'slower' ? colours.red('▲') : colours.green('▼');
  const sides = `${formatDuration(before.medianNs)} in ${before.runs} runs before, ${formatDuration(after.medianNs)} in ${after.runs} since (${conditions})`;
  const compare = `headwater compare ${traceId.slice(0, 8)} ${usualTraceId.slice(0, 8)}`;
  return `  ${mark} ${plain(sentence)}\n    ${colours.dim(plain(`${sides}; ${compare}`))}`;
}

function tableOf({ conditions, runs, rows }: UsualUnder, colours: Colours): string {
  const title = `  Usual, from ${runs} runs (${plain(conditions)})`;
  const heads = `  ${' '.repeat(NAME_WIDTH)}${['median', 'p75', 'p95', 'runs'].map(column).join('')}`;
  return [colours.bold(title), colours.dim(heads), ...rows.map((row) => rowLine(row, colours))].join('\n');
}

function rowLine({ step, layer, runs, medianNs, p75Ns, p95Ns }: UsualRow, colours: Colours): string {
  const times = [...[medianNs, p75Ns, p95Ns].map(formatDuration), String(runs)].map(column).join('');
  if (layer === null) return `  ${colours.bold(toWidth(step ?? 'the whole run', NAME_WIDTH))}${times}`;
  return `  ${layerPaint(colours, layer)(toWidth(`  ${LAYER_NAME[layer]}`, NAME_WIDTH))}${times}`;
}

const column = (text: string): string => text.padStart(TIME_WIDTH);
