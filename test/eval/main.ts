/**
 * `npm run eval`: how often the right part is blamed, and by how many milliseconds the blame is wrong. Faults of known
 * size are injected into the demo shop, beside quiet runs, and each verdict is compared with what was injected.
 */
import { join } from 'node:path';
import { Command } from 'commander';
import type { ProxyRequest } from '../../scenarios/shop/proxy.ts';
import type { DatabaseSystem } from '../../scenarios/shop/settings.ts';
import { onInterrupt } from '../../src/cli/interrupt.ts';
import { PACKAGE_ROOT } from '../../src/cli/package-root.ts';
import { messageOf } from '../../src/cli/user-error.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { evaluate, missingRuns } from './evaluate.ts';
import { judgeAgain } from './judge-again.ts';
import { readKeptRuns } from './kept-runs.ts';
import { type Case, chosenFaults, type PlanOptions, planOf, shortPlan } from './plan.ts';
import { publish } from './publish.ts';
import { becomesQuiet } from './quiet-machine.ts';
import { appendResult, codeVersion, commitName, type Result, readResults } from './results.ts';
import { openStage } from './stage.ts';
import { comparedOf, summaryOf } from './summary.ts';
import { tellAgain } from './tell-again.ts';
import { say, startProgress, tellCriteria } from './telling.ts';

interface Options {
  readonly only?: readonly string[];
  readonly sizes: readonly number[];
  readonly repeat: number;
  readonly quiet?: number;
  readonly double?: number;
  readonly usual: number;
  readonly seed: number;
  readonly out: string;
  readonly fresh?: boolean;
  readonly again?: boolean;
  readonly list?: boolean;
  readonly publish?: boolean;
  readonly judgeAgain?: boolean;
  readonly pasts: number;
  readonly short?: boolean;
  readonly proxy: ProxyRequest['kind'];
  readonly database: DatabaseSystem;
}

/** Without `--only`: what the published page is made of. */
const WHOLE = { quiet: 100, double: 30 } as const;
/** Twice as many as a normal needs: on a busy machine some of them have a problem, and do not count. */
const USUAL_RUNS = 10;
/** Each run beside as many pasts of either kind: some seconds for a hundred runs. */
const PASTS = 10;
const STORE = 'headwater.db';
/** A build that is just ending is waited for. */
const QUIET_LIMIT_MS = 20_000;
const EXIT = { fine: 0, promiseBroken: 1, usage: 2, interrupted: 130 } as const;

const names = (text: string): string[] => text.split(',').map((name) => name.trim());
const numbers = (text: string): number[] => names(text).map(number);
function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new Error(`"${text}" is not a number of 0 or more.`);
  return value;
}

const program = new Command('npm run eval --')
  .description('inject faults of known size, and compare what Headwater blames with what was injected')
  .option('--only <names>', 'these faults, comma-separated (default: all, quiet and double runs too)', names)
  .option('--sizes <ms>', 'sizes to ask for, comma-separated', numbers, [50, 150, 400])
  .option('--repeat <count>', 'how often each fault is run at each size', number, 3)
  .option('--quiet <count>', `runs without a fault (default: ${WHOLE.quiet}, with --only none)`, number)
  .option('--double <count>', `runs with two faults (default: ${WHOLE.double}, with --only none)`, number)
  .option(
    '--usual <count>',
    'quiet runs before all others, to compare them with; 0: with none',
    number,
    USUAL_RUNS,
  )
  .option('--seed <number>', 'of the order, the exact sizes and the pairs', number, 1)
  .option('--fresh', 'start a new shop for every run')
  .option('--again', 'run again what was run before with this very code')
  .option('--out <folder>', 'where results and traces are kept', join(PACKAGE_ROOT, '.headwater/eval'))
  .option('--proxy <kind>', 'haproxy, nginx, caddy, embedded or auto', 'auto')
  .option('--database <kind>', 'postgresql or mariadb', 'postgresql')
  .option('--short', 'what continuous integration runs: a few faults, two together, two quiet runs')
  .option('--judge-again', 'run nothing: judge all kept runs by the rules of today')
  .option('--pasts <count>', 'with --judge-again: how many pasts each run is put beside', number, PASTS)
  .option('--publish', 'write docs/accuracy.md, its JSON and its picture')
  .option('--list', 'the faults, and nothing else')
  .addHelpText(
    'after',
    `
Examples:
  npm run eval                                            all of it (under an hour)
  npm run eval -- --publish                               the same, and write docs/accuracy.md
  npm run eval -- --only dns-slow,db-lock --repeat 3      while working on a rule
  npm run eval -- --only dns-slow --sizes 50 --quiet 10
  npm run eval -- --judge-again                           what was run before, by today's rules

What was run with this very code is not run again (--again does). Ctrl-C keeps what was done. To look at a run:
  HEADWATER_HOME=.headwater/eval npm run headwater -- show TRACE`,
  );

async function main(options: Options): Promise<number> {
  if (options.list) {
    for (const { name, title, expected } of chosenFaults(options.only))
      process.stdout.write(`${name.padEnd(26)} ${expected.cause.padEnd(26)} ${title}\n`);
    return EXIT.fine;
  }
  const file = join(options.out, `results-${options.proxy}-${options.database}.jsonl`);
  if (options.judgeAgain) return tellKept(file, options);
  const cases = options.short ? shortPlan() : planOf(planOptions(options));
  const version = codeVersion();
  const earlier = options.again ? [] : readResults(file).filter((result) => result.version === version);
  const results = await runMissing(cases, earlier, file, version, options);
  if (!results) return EXIT.interrupted;
  const summary = summaryOf(results);
  const compared = summaryOf(comparedOf(results));
  tellCriteria(summary.criteria, compared.criteria);
  if (options.usual > 0 && compared.runs === 0)
    say(
      '! Nothing could be compared: fewer than five of the first quiet runs ended well and without a problem.',
    );
  for (const { key, reason } of summary.broken) say(`! ${key} could not be run: ${reason}`);
  if (options.publish)
    say(`Written to ${await publish(results, `npm run eval -- ${process.argv.slice(2).join(' ')}`)}.`);
  const criteria = [...summary.criteria, ...compared.criteria];
  const isBroken = summary.broken.length > 0 || criteria.some(({ isKept }) => isKept === false);
  return isBroken ? EXIT.promiseBroken : EXIT.fine;
}

/** Whatever code they were run with. */
function tellKept(file: string, { out, pasts }: Options): number {
  const results = readResults(file).filter(({ traceId }) => traceId !== undefined);
  if (results.length === 0) {
    say(`No run is kept in ${out}: run some first, without --judge-again.`);
    return EXIT.usage;
  }
  const store = openStore(join(out, STORE));
  try {
    const kept = readKeptRuns(results, store);
    say(`${kept.length} of ${results.length} kept runs, judged by the rules of today.`);
    tellAgain(judgeAgain(kept, pasts));
    return EXIT.fine;
  } finally {
    store.close();
  }
}

const planOptions = (options: Options): PlanOptions => ({
  ...(options.only && { only: options.only }),
  sizesMs: options.sizes,
  repeat: options.repeat,
  quiet: options.quiet ?? (options.only ? 0 : WHOLE.quiet),
  double: options.double ?? (options.only ? 0 : WHOLE.double),
  usual: options.usual,
  seed: options.seed,
  ...(options.fresh && { fresh: true }),
});

/** @returns the results of all cases, earlier ones and new ones; undefined when it was interrupted */
async function runMissing(
  cases: readonly Case[],
  earlier: readonly Result[],
  file: string,
  version: string,
  options: Options,
): Promise<Result[] | undefined> {
  const kept = earlier.filter((result) => result.judged);
  const done = new Set(kept.map(({ key }) => key));
  const wanted = new Set(cases.flatMap((asked) => missingRuns(asked, new Set())));
  const results = kept.filter(({ key }) => wanted.has(key));
  const missing = cases.reduce((sum, asked) => sum + missingRuns(asked, done).length, 0);
  if (results.length > 0)
    say(`${results.length} runs were done before with this code; ${missing} are missing.`);
  if (missing === 0) return results;
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  const { out, proxy, database } = options;
  if (!(await becomesQuiet(QUIET_LIMIT_MS, signal)))
    say(
      '! Other programs keep the processors of this machine busy: these figures will tell that, not the truth.',
    );
  const progress = startProgress(missing);
  const usual = kept.flatMap(({ judged, traceId }) => (judged?.kind === 'usual' && traceId ? [traceId] : []));
  const stage = await openStage({ storePath: join(out, STORE), proxy, database, signal, usual });
  try {
    const onResult = (result: Result) => {
      appendResult(file, result);
      results.push(result);
      progress.step(result);
    };
    await evaluate(cases, stage, { version, commit: commitName(), done, signal, onResult });
  } finally {
    await stage.stop();
    progress.end();
    interrupt.release();
  }
  if (signal.aborted) {
    say('Interrupted; the same command goes on where it stopped.');
    return undefined;
  }
  return results;
}

try {
  process.exitCode = await main(program.parse().opts<Options>());
} catch (error) {
  say(messageOf(error));
  process.exitCode = EXIT.usage;
}
