/** A comparison as Markdown, to be pasted into an issue or a chat. */
import { partInWords, signedDuration } from '../../src/analyse/compare/sentence.ts';
import type { Change, ComparedSide, Comparison } from '../../src/model/comparison.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import { formatDuration } from '../../src/model/time.ts';
import { cell } from '../copy/cell.ts';

const MOST_PARTS = 10;

export function comparisonMarkdown(comparison: Comparison, address: string): string {
  const { a, b, sentence, notes, layers, parts, steps } = comparison;
  const moved = parts.filter(({ deltaNs }) => deltaNs !== 0).slice(0, MOST_PARTS);
  return [
    `**${cell(sentence)}**`,
    `- this run: ${sideText(a)}\n- compared with: ${sideText(b)}${notes.map((note) => `\n- ${cell(note)}`).join('')}`,
    table(
      'Layer',
      layers.map((change) => [LAYER_NAME[change.layer], change]),
    ),
    table(
      'Part',
      moved.map((change) => [partInWords(change), change]),
    ),
    table(
      'Step',
      steps.map((change) => [change.name ?? 'outside of steps', change]),
    ),
    `<${address}>`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

const sideText = ({ traceId, journey, wallNs, runs }: ComparedSide): string =>
  traceId === null
    ? `what is usual, medians of ${runs} runs, ${formatDuration(wallNs)}`
    : `\`${traceId}\` ${cell(journey)}, ${formatDuration(wallNs)}`;

function table(what: string, rows: readonly (readonly [string, Change])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ([name, { aNs, bNs, deltaNs }]) =>
      `| ${cell(name)} | ${formatDuration(aNs)} | ${formatDuration(bNs)} | ${signedDuration(deltaNs)} |`,
  );
  return [`| ${what} | this run | the other | change |`, '|---|--:|--:|--:|', ...lines].join('\n');
}
