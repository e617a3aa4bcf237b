/**
 * `npm run bench`: how long stitching, analysing and taking in takes as traces grow. Ratios within one run are judged;
 * seconds only with `--check`, for they are this machine's.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SHAPES } from './generate.ts';
import type { Ingested } from './ingest.ts';
import type { ManyRuns } from './many-runs.ts';
import type { Measured } from './measure.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** DESIGN's budget for stitch and ledger of a million spans on one core. */
const BUDGET_SPANS = 1_000_000;
const BUDGET_MS = 3_000;
/** What a span may cost more (CPU time, which others on the machine disturb least) in a trace ten times larger: caches and the garbage collector take some, n² takes 10. */
const MOST_GROWTH = 1.6;
/** Below this a trace is measured in the compiler's first moments; growth from there means nothing. */
const GROWTH_FROM_SPANS = 100_000;
const INGEST_SPANS = 100_000;
/** A year of hourly runs, and what the first screens and /metrics may take with so many in the store. */
const MANY_RUNS = 10_000;
const MOST_ASKED_MS = 100;
/** A million spans and the trace made of them live beside each other. */
const HEAP_MB = 8_192;
const MOST_ROUNDS = 9;
const SPANS_IN_ALL = 3_000_000;

const HELP = `Measures stitch and analyse by the size of a trace, each size in a process of its own, and OTLP into SQLite.

  npm run bench                                    1 k, 10 k, 100 k and 1 M spans of a journey
  npm run bench -- --spans 50000 --spans 500000    these sizes
  npm run bench -- --shape siblings                all below one span (or: chain, each below the one before)
  npm run bench -- --runs 50000                    only how long list, history and /metrics wait for so many runs
  npm run bench -- --json                          one object on stdout
  npm run bench -- --check                         fail also when 1 M spans take more than ${BUDGET_MS / 1_000} s, or a screen more than ${MOST_ASKED_MS} ms

Exit code 1: a span costs more than ${MOST_GROWTH} × as much in a trace ten times larger, or, with --check, the budget is broken.`;

interface Options {
  readonly sizes: readonly number[];
  readonly shape: string;
  readonly json: boolean;
  readonly check: boolean;
  /** Of a store that is asked; nothing else is measured when it was given. */
  readonly runs?: number;
}

function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        spans: { type: 'string', multiple: true },
        shape: { type: 'string', default: 'journey' },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        runs: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return HELP;
    const sizes = values.spans?.map(Number) ?? SIZES;
    const bad = sizes.find((size) => !Number.isInteger(size) || size < 1);
    if (bad !== undefined) throw new Error('--spans wants a whole number above 0');
    const runs = values.runs === undefined ? undefined : Number(values.runs);
    if (runs !== undefined && !(Number.isInteger(runs) && runs > 0))
      throw new Error('--runs wants a whole number above 0');
    if (!(SHAPES as readonly string[]).includes(values.shape))
      throw new Error(`--shape is one of ${SHAPES.join(', ')}`);
    return { ...values, sizes: [...sizes].sort((a, b) => a - b), shape: values.shape, runs };
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n\n`);
    process.exitCode = 2;
    return HELP;
  }
}

/** One file of this folder in a process of its own. */
function inProcess<T>(file: string, ...args: readonly (string | number)[]): T {
  const flags = ['--import', 'tsx', `--max-old-space-size=${HEAP_MB}`];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, join(import.meta.dirname, file), ...args.map(String)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr.trim() || `exit ${status}`}`);
  return JSON.parse(stdout) as T;
}

const roundsFor = (spans: number): number =>
  Math.max(3, Math.min(MOST_ROUNDS, Math.floor(SPANS_IN_ALL / spans)));

interface Row extends Measured {
  /** Cost of a span against that in the size before, as if that were ten times smaller. */
  readonly growth?: number;
}

function withGrowth(row: Measured, before: Measured | undefined): Row {
  if (!before) return row;
  const costs = [before, row].map(({ cpuMs, spans }) => cpuMs / spans);
  const tenfolds = Math.log10(row.spans / before.spans);
  return tenfolds > 0 ? { ...row, growth: (costs[1]! / costs[0]!) ** (1 / tenfolds) } : row;
}

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
const COLUMNS = [
  'spans',
  'stitch ms',
  'analyse ms',
  'total ms',
  'CPU ms',
  'spans/s',
  'cost × 10',
  'peak RSS MB',
  'view MB',
];
const WIDTH = 12;
const line = (cells: readonly string[]): string => `${cells.map((cell) => cell.padStart(WIDTH)).join('')}\n`;

const rowText = (row: Row): string =>
  line([
    thousands(row.spans),
    row.stitchMs.toFixed(1),
    row.analyseMs.toFixed(1),
    row.totalMs.toFixed(1),
    row.cpuMs.toFixed(1),
    thousands(row.spans / (row.totalMs / 1_000)),
    row.growth?.toFixed(2) ?? '',
    row.peakRssMb.toFixed(0),
    row.viewMb?.toFixed(1) ?? '',
  ]);

const ingestText = ({ spans, totalMs, readMs, bytesPerSpan }: Ingested): string =>
  `\nOTLP into SQLite: ${thousands(spans / (totalMs / 1_000))} spans/s durable (reading ${Math.round((100 * readMs) / totalMs)} % of the time), ${Math.round(bytesPerSpan)} bytes a span.\n`;

function complaintsOf(rows: readonly Row[], check: boolean): string[] {
  const complaints = rows
    .filter(({ growth, spans }) => spans > GROWTH_FROM_SPANS && (growth ?? 0) > MOST_GROWTH)
    .map(
      ({ growth, spans }) =>
        `At ${thousands(spans)} spans each costs ${growth!.toFixed(2)} × as much as in a trace ten times smaller; ${MOST_GROWTH} is the limit.`,
    );
  for (const { spans, totalMs } of check ? rows : [])
    if (spans === BUDGET_SPANS && totalMs > BUDGET_MS)
      complaints.push(
        `${thousands(spans)} spans took ${thousands(totalMs)} ms; the budget is ${thousands(BUDGET_MS)} ms.`,
      );
  return complaints;
}

function manyRunsText({ runs, asked, sweep }: ManyRuns): string {
  const rows = Object.entries({ ...asked, sweep }).map(
    ([what, { medianMs, longestMs, kb }]) =>
      `  ${what.padEnd(16)}${medianMs.toFixed(1).padStart(8)}${longestMs.toFixed(1).padStart(9)}${kb.toFixed(0).padStart(8)}\n`,
  );
  return `\n${thousands(runs)} runs in the store: median ms, longest ms, kB\n${rows.join('')}`;
}

const slowAnswers = ({ runs, asked }: ManyRuns): string[] =>
  Object.entries(asked)
    .filter(([, { medianMs }]) => medianMs > MOST_ASKED_MS)
    .map(
      ([what, { medianMs }]) =>
        `With ${thousands(runs)} runs in the store, ${what} took ${medianMs.toFixed(0)} ms; the budget is ${MOST_ASKED_MS} ms.`,
    );

/** Only how long the screens wait. */
function benchRuns({ runs, json, check }: Options): void {
  const many = inProcess<ManyRuns>('many-runs.ts', runs!);
  const complaints = check ? slowAnswers(many) : [];
  process.stdout.write(json ? `${JSON.stringify({ many, complaints }, undefined, 2)}\n` : manyRunsText(many));
  tellComplaints(complaints);
}

function tellComplaints(complaints: readonly string[]): void {
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  if (complaints.length > 0) process.exitCode = 1;
}

function bench({ sizes, shape, json, check }: Options): void {
  if (!json) process.stdout.write(line(COLUMNS));
  const rows: Row[] = [];
  for (const spans of sizes) {
    const measured = inProcess<Measured>('measure.ts', spans, shape, roundsFor(spans));
    const before = rows.at(-1);
    rows.push(withGrowth(measured, before));
    if (!json) process.stdout.write(rowText(rows.at(-1)!));
  }
  const ingested = shape === 'journey' ? inProcess<Ingested>('ingest.ts', INGEST_SPANS) : undefined;
  const many = shape === 'journey' ? inProcess<ManyRuns>('many-runs.ts', MANY_RUNS) : undefined;
  const complaints = [...complaintsOf(rows, check), ...(check && many ? slowAnswers(many) : [])];
  if (json) process.stdout.write(`${JSON.stringify({ rows, ingested, many, complaints }, undefined, 2)}\n`);
  else if (ingested && many) process.stdout.write(ingestText(ingested) + manyRunsText(many));
  tellComplaints(complaints);
}

const options = optionsOf(process.argv.slice(2));
if (typeof options === 'string') process.stdout.write(`${options}\n`);
else if (options.runs === undefined) bench(options);
else benchRuns(options);
