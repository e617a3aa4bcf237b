/** What `--judge-again` says: the promises by themselves and beside each kind of past, and what was told falsely. */
import type { JudgedAgain } from './judge-again.ts';
import type { Past } from './pasts.ts';
import type { Found } from './planted.ts';
import type { Result } from './results.ts';
import { wilson } from './statistics.ts';
import { percent, summaryOf } from './summary.ts';
import { criterionLine, say } from './telling.ts';

const BESIDE: Readonly<Record<Past, string>> = {
  'in a row': 'Beside ten quiet runs in a row',
  scattered: 'Beside ten quiet runs drawn from all',
};

export function tellAgain({ alone, beside, planted }: JudgedAgain): void {
  tellPart('As a first run', alone);
  for (const past of Object.keys(BESIDE) as Past[]) {
    tellPart(BESIDE[past], beside[past]);
    for (const [ms, found] of planted[past]) say(plantedLine(ms, found));
  }
}

function tellPart(title: string, results: readonly Result[]): void {
  say(`\n${title}: ${results.length} judgements`);
  for (const criterion of summaryOf(results).criteria) say(criterionLine(criterion));
  for (const [what, count] of mistakesIn(results)) say(`  ${count} × ${what}`);
}

/** One run beside ten pasts is ten judgements, and not ten runs: the interval is the narrowest that it can be. */
function plantedLine(ms: number, { planted, found, wrong }: Found): string {
  const { low, high } = wilson(found, planted);
  return `  ${ms} ms more of plain work: found in ${percent(found / planted)} (${percent(low)} – ${percent(high)}), another part blamed in ${percent(wrong / planted)}`;
}

/** Which run was blamed on what, most often first. */
function mistakesIn(results: readonly Result[]): [string, number][] {
  const counts = new Map<string, number>();
  const add = (what: string) => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { key, judged } of results) {
    if (!judged) continue;
    if (judged.faults.length > 0 && !(judged.isLayerRight && judged.isCauseRight))
      add(`${key}: blamed on ${judged.verdict.cause}`);
    for (const { cause } of judged.falseCauses) add(`${key}: ${cause} told falsely`);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}
