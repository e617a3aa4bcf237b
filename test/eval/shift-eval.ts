/**
 * `npm run eval:shift`: planted shifts of 30–200 ms in one layer, among the noise of recorded quiet runs, asked about
 * after every run. How many are found within 5 and 10 runs, is it the right layer, and how many alarms are false?
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { PACKAGE_ROOT } from '../../src/cli/package-root.ts';
import { readRecordedRows } from '../fixtures/shift-runs.ts';
import { measureFaults } from './shift-faults.ts';
import { measureFound, measureQuiet } from './shift-measure.ts';
import { type Figures, faultLines, shiftPage, shiftTable } from './shift-page.ts';
import { WORLDS } from './shift-worlds.ts';

interface Options {
  readonly looks: number;
  readonly tries: number;
  readonly seed: string;
  readonly publish?: boolean;
}

/** What the machine was like when the rows were recorded. */
const SETS = [
  { name: 'loaded hours', rows: ['b', 'c'] },
  { name: 'quieter hours', rows: ['first', 'a'] },
  // recorded when the thresholds stood: they were not chosen by these
  { name: 'quiet, held out', rows: ['f'] },
  { name: 'half quiet, held out', rows: ['d'] },
  { name: 'busy, held out', rows: ['e'] },
] as const;
const SIZES_MS = [30, 50, 100, 200] as const;
/** As many as are looked at, and as many as a young journey has. */
const PASTS = [60, 25] as const;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

function number(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`"${text}" is not a whole number above 0.`);
  return value;
}

const program = new Command('npm run eval:shift --')
  .description(
    'plant shifts into recorded quiet runs, and count how many are found, and how many are told that are none',
  )
  .option('--looks <count>', 'quiet runs asked about, for each set and kind of noise', number, 6_000)
  .option('--tries <count>', 'rows for each layer, size, past, set and kind of noise', number, 6)
  .option('--seed <text>', 'of all that is drawn', '1')
  .option('--publish', 'write docs/accuracy-shifts.md')
  .addHelpText(
    'after',
    '\nExamples:\n  npm run eval:shift\n  npm run eval:shift -- --looks 1000 --tries 2   while working on a rule',
  );

function main({ looks, tries, seed, publish }: Options): void {
  const all = readRecordedRows();
  const figures: Figures[] = SETS.flatMap(({ name, rows }) => {
    const pool = all
      .filter((row) => (rows as readonly string[]).includes(row.name))
      .flatMap(({ runs }) => runs);
    return WORLDS.map((world) => {
      say(`${name} (${pool.length} recorded runs), ${world} …`);
      const setting = { pool, world, seed: `${seed} ${name}` };
      const plantings = PASTS.flatMap((past) => SIZES_MS.map((ms) => ({ past, ms, tries })));
      const found = plantings.map((planting) => ({ ...planting, ...measureFound(setting, planting) }));
      return { set: name, recorded: pool.length, world, quiet: measureQuiet(setting, looks), found };
    });
  });
  const quiet = all.filter(({ name }) => name === 'first' || name === 'a').flatMap(({ runs }) => runs);
  say('real faults …');
  const told = measureFaults(quiet);
  process.stdout.write(`${shiftTable(figures)}\n\n${faultLines(told)}\n`);
  if (!publish) return;
  const command = `npm run eval:shift -- ${process.argv.slice(2).join(' ')}`.trim();
  const file = join(PACKAGE_ROOT, 'docs/accuracy-shifts.md');
  writeFileSync(file, shiftPage(figures, told, command));
  say(`Written to ${file}.`);
}

try {
  main(program.parse().opts<Options>());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
