/** Results → what was reached: a row for each fault, and the promises, each kept or not. Pure. */
import { faults } from '../../scenarios/faults/index.ts';
import type { Judged } from './judge.ts';
import type { Result } from './results.ts';
import { median, quantile } from './statistics.ts';

export interface FaultRow {
  readonly fault: string;
  readonly layer: string;
  readonly cause: string;
  readonly runs: number;
  readonly layerRight: number;
  readonly causeRight: number;
  /** Undefined where no component is expected. */
  readonly componentRight?: number;
  /** Blamed minus injected, of runs that ended well. Undefined when none counts for time. */
  readonly medianErrorMs?: number;
  readonly p95ErrorMs?: number;
  readonly noted: number;
  readonly falseCauses: number;
  readonly broken: number;
}

export interface Criterion {
  readonly name: string;
  readonly promise: string;
  readonly reached: string;
  /** Undefined when nothing was run that could tell. */
  readonly isKept?: boolean;
  readonly hits?: number;
  readonly total?: number;
}

export interface SizeRow {
  /** Asked for, before it was moved to and fro. */
  readonly sizeMs: number;
  readonly runs: number;
  readonly right: number;
  readonly medianErrorMs?: number;
  readonly p95ErrorMs?: number;
}

export interface Summary {
  readonly rows: readonly FaultRow[];
  readonly sizes: readonly SizeRow[];
  readonly criteria: readonly Criterion[];
  readonly runs: number;
  readonly broken: readonly { readonly key: string; readonly reason: string }[];
  /** Expected cause → blamed cause → runs. */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly wrong: readonly { readonly key: string; readonly sentence: string; readonly blamed: string }[];
}

/** The same results, each judged beside earlier runs; those that could not be are left out. */
export const comparedOf = (results: readonly Result[]): Result[] =>
  results.flatMap(({ compared, ...result }) => (compared ? { ...result, judged: compared } : []));

/** What shows what is usual is not counted. */
export function summaryOf(all: readonly Result[]): Summary {
  const results = all.filter((result) => result.judged?.kind !== 'usual');
  const judged = results.flatMap((result) => (result.judged ? [{ ...result, judged: result.judged }] : []));
  const singles = judged.filter(({ judged }) => judged.kind === 'single');
  const isWrong = ({ judged }: { judged: Judged }) => !judged.isLayerRight || !judged.isCauseRight;
  return {
    rows: faultRows(results),
    sizes: sizeRows(results),
    criteria: criteriaOf(judged.map((result) => result.judged)),
    runs: judged.length,
    broken: results.flatMap(({ key, broken }) => (broken === undefined ? [] : [{ key, reason: broken }])),
    confusion: confusionOf(singles.map((result) => result.judged)),
    wrong: judged.filter(isWrong).map(({ key, judged }) => ({
      key,
      sentence: judged.sentence,
      blamed: `${judged.verdict.cause} of ${judged.verdict.component}`,
    })),
  };
}

const nameIn = (key: string): string => key.split(/[= ]/, 1)[0] ?? key;

function faultRows(results: readonly Result[]): FaultRow[] {
  const known = Object.values(faults);
  return known.flatMap((fault) => {
    const mine = results.filter(({ key }) => nameIn(key) === fault.name);
    if (mine.length === 0) return [];
    const judged = mine.flatMap((result) => result.judged ?? []);
    const errors = errorsOf(judged);
    const count = (isTrue: (run: Judged) => boolean | undefined) => judged.filter(isTrue).length;
    return {
      fault: fault.name,
      layer: fault.expected.layer,
      cause: fault.expected.cause,
      runs: judged.length,
      layerRight: count((run) => run.isLayerRight),
      causeRight: count((run) => run.isCauseRight),
      ...(fault.expected.component !== undefined && { componentRight: count((run) => run.isComponentRight) }),
      medianErrorMs: median(errors.map(({ ms }) => ms)),
      p95ErrorMs: quantile(
        errors.map(({ ms }) => Math.abs(ms)),
        0.95,
      ),
      noted: count((run) => run.faults[0]?.isNoted),
      falseCauses: count((run) => run.falseCauses.length > 0),
      broken: mine.length - judged.length,
    };
  });
}

function sizeRows(results: readonly Result[]): SizeRow[] {
  const sizes = new Map<number, Judged[]>();
  for (const { key, judged } of results) {
    const size = /=(\d+)/.exec(key)?.[1];
    if (size && judged?.kind === 'single')
      sizes.set(Number(size), [...(sizes.get(Number(size)) ?? []), judged]);
  }
  return [...sizes]
    .sort(([a], [b]) => a - b)
    .map(([sizeMs, judged]) => {
      const errors = errorsOf(judged).map(({ ms }) => Math.abs(ms));
      return {
        sizeMs,
        runs: judged.length,
        right: judged.filter((run) => run.isLayerRight && run.isCauseRight).length,
        medianErrorMs: median(errors),
        p95ErrorMs: quantile(errors, 0.95),
      };
    });
}

interface TimeError {
  /** Blamed minus injected. */
  readonly ms: number;
  readonly injectedMs: number;
}

/** A journey that fails waits for something else: only one that ended well can be compared. */
export const errorsOf = (judged: readonly Judged[]): TimeError[] =>
  judged
    .filter(({ kind, status }) => kind === 'single' && status === 'ok')
    .flatMap(({ faults: [fault] }) =>
      fault && faults[fault.name]?.outcome !== 'failed'
        ? [{ ms: fault.blamedMs - fault.injectedMs, injectedMs: fault.injectedMs }]
        : [],
    );

/** The error in parts of what is allowed: 1 is just right. */
const inParts = (leastMs: number, share: number) => (error: TimeError) =>
  Math.abs(error.ms) / Math.max(leastMs, share * error.injectedMs);

const PROMISED_MS = { least: 50, most: 500 } as const;

function criteriaOf(judged: readonly Judged[]): Criterion[] {
  const singles = judged.filter(({ kind }) => kind === 'single');
  const promised = singles.filter(({ faults: [fault] }) => fault && isPromised(fault.askedMs));
  const doubles = judged.filter(({ kind }) => kind === 'double');
  const quiet = judged.filter(({ kind }) => kind === 'quiet');
  const isRight = (run: Judged) => run.isLayerRight && run.isCauseRight;
  return [
    rate('Layer and cause, one fault of 50–500 ms', promised, isRight, 0.99),
    rate('Layer and cause, any single fault', singles, isRight, 0.99),
    rate('Layer and cause of the larger of two faults', doubles, isRight, 0.95),
    timeCriterion(
      'Injected time, median',
      'within 2 ms or 5 %, whichever is more',
      errorsOf(singles),
      2,
      0.05,
      0.5,
    ),
    timeCriterion('Injected time, 95th percentile', 'within 5 ms or 10 %', errorsOf(singles), 5, 0.1, 0.95),
    unknownCriterion(judged.filter(({ status }) => status === 'ok')),
    quietCriterion(quiet),
  ];
}

const isPromised = (ms: number): boolean => ms >= PROMISED_MS.least && ms <= PROMISED_MS.most;

function rate(
  name: string,
  runs: readonly Judged[],
  isRight: (run: Judged) => boolean,
  least: number,
): Criterion {
  const hits = runs.filter(isRight).length;
  const total = runs.length;
  const promise = `≥ ${least * 100} %`;
  if (total === 0) return { name, promise, reached: 'not run' };
  return {
    name,
    promise,
    reached: `${percent(hits / total)} (${hits} of ${total})`,
    isKept: hits / total >= least,
    hits,
    total,
  };
}

function timeCriterion(
  name: string,
  promise: string,
  errors: readonly TimeError[],
  leastMs: number,
  share: number,
  at: number,
): Criterion {
  const parts = quantile(errors.map(inParts(leastMs, share)), at);
  const ms = quantile(
    errors.map((error) => Math.abs(error.ms)),
    at,
  );
  const of = quantile(
    errors.map((error) => Math.abs(error.ms) / error.injectedMs),
    at,
  );
  if (parts === undefined || ms === undefined || of === undefined)
    return { name, promise, reached: 'not run' };
  return { name, promise, reached: `${ms.toFixed(1)} ms, ${percent(of)}`, isKept: parts <= 1 };
}

const MAX_UNKNOWN = 0.01;

function unknownCriterion(runs: readonly Judged[]): Criterion {
  const promise = '≤ 1 % of wall time';
  const name = 'Unknown, 95th percentile of runs';
  const shares = runs.map((run) => run.unknownShare);
  const p95 = quantile(shares, 0.95);
  if (p95 === undefined) return { name, promise, reached: 'not run' };
  const most = Math.max(...shares);
  return {
    name,
    promise,
    reached: `${percent(p95)} (median ${percent(median(shares)!)}, most ${percent(most)})`,
    isKept: p95 <= MAX_UNKNOWN,
  };
}

function quietCriterion(quiet: readonly Judged[]): Criterion {
  const name = 'False causes in quiet runs';
  const promise = '≤ 1 in 100 runs';
  const total = quiet.length;
  if (total === 0) return { name, promise, reached: 'not run' };
  const count = quiet.reduce((sum, run) => sum + run.falseCauses.length, 0);
  return {
    name,
    promise,
    reached: `${count} in ${total}`,
    isKept: count <= total / 100,
    hits: quiet.filter((run) => run.falseCauses.length > 0).length,
    total,
  };
}

export const percent = (share: number): string =>
  `${(share * 100).toFixed(share < 0.1 || share > 0.99 ? 1 : 0)} %`;

function confusionOf(singles: readonly Judged[]): Record<string, Record<string, number>> {
  const confusion: Record<string, Record<string, number>> = {};
  for (const {
    faults: [fault],
    verdict,
  } of singles) {
    const expected = fault && faults[fault.name]?.expected.cause;
    if (expected === undefined) continue;
    confusion[expected] ??= {};
    const row = confusion[expected];
    row[verdict.cause] = (row[verdict.cause] ?? 0) + 1;
  }
  return confusion;
}
