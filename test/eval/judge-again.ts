/**
 * `--judge-again`: the kept runs judged by today's rules, in seconds, without running anything. Each is judged by itself
 * and beside pasts that it did not have: ten quiet runs in a row (even), or ten drawn from all (uneven).
 */
import { type Normal, normalOf } from '../../src/analyse/normal.ts';
import type { Judged } from './judge.ts';
import { judgedAlone, judgedBeside, type KeptRun } from './kept-runs.ts';
import { drawPast, type Past } from './pasts.ts';
import { type Found, findPlanted, PLANTED_MS } from './planted.ts';
import { randomFrom } from './random.ts';
import type { Result } from './results.ts';

/** Quiet runs in a past: as many as an evaluation makes first. */
const RUNS_IN_A_PAST = 10;

export interface JudgedAgain {
  readonly alone: readonly Result[];
  readonly beside: Readonly<Record<Past, readonly Result[]>>;
  /** Time added to one part of plain work in quiet runs: asked ms → how often it was found. */
  readonly planted: Readonly<Record<Past, ReadonlyMap<number, Found>>>;
}

/** @param pasts how many are drawn for each run */
export function judgeAgain(kept: readonly KeptRun[], pasts: number): JudgedAgain {
  const quiet = kept.filter(({ asked }) => asked.faults.length === 0);
  const beside = (past: Past) => kept.map((run) => ({ run, normals: normalsOf(run, quiet, past, pasts) }));
  const [inARow, scattered] = [beside('in a row'), beside('scattered')];
  return {
    alone: kept.map((run) => asResult(run, judgedAlone(run))),
    beside: { 'in a row': judgedIn(inARow), scattered: judgedIn(scattered) },
    planted: { 'in a row': plantedIn(inARow), scattered: plantedIn(scattered) },
  };
}

interface RunAndPasts {
  readonly run: KeptRun;
  readonly normals: readonly Normal[];
}

/** What once showed what is usual is a quiet run like the others here. */
const asResult = ({ result }: KeptRun, judged: Judged): Result => ({
  ...result,
  judged: judged.kind === 'usual' ? { ...judged, kind: 'quiet' } : judged,
});

const judgedIn = (all: readonly RunAndPasts[]): Result[] =>
  all.flatMap(({ run, normals }) => normals.map((normal) => asResult(run, judgedBeside(run, normal))));

const plantedIn = (all: readonly RunAndPasts[]): Map<number, Found> => {
  const quiet = all.filter(({ run }) => run.asked.faults.length === 0);
  return new Map(PLANTED_MS.map((ms) => [ms, findPlanted(quiet, ms)]));
};

/** The same pasts for the same run, as long as no run is added. */
function normalsOf(run: KeptRun, quiet: readonly KeptRun[], past: Past, pasts: number): Normal[] {
  const random = randomFrom(`${past} ${run.result.key} ${run.result.atUnixMs}`);
  const drawn = Array.from({ length: pasts }, () => drawPast(past, quiet, run, RUNS_IN_A_PAST, random));
  return drawn.flatMap((runs) => normalOf(runs.map(({ report }) => report)) ?? []);
}
