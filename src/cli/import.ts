/** `headwater import FILE…`: traces and logs that already exist, into the store. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type ImportedFile, type ImportOutcome, importFile, knownFormats } from '../collect/import-file.ts';
import type { WarningGroup } from '../import/warning-tally.ts';
import type { RunView } from '../model/report.ts';
import type { RunExtras } from '../model/run-extras.ts';
import { fetchNamed } from '../pull/fetch-named.ts';
import { keepImported, keepNewWarnings, keepPictures, MAX_IMPORTED_RUNS } from '../run/keep-imported.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { print, printRun, say, sayDone, sayFailed, sayLoud } from './console.ts';
import { tracesFrom } from './traces-from.ts';
import { EXIT, withExitCode } from './user-error.ts';

interface ImportOptions {
  readonly host?: string;
  readonly tracesFrom?: readonly string[];
  readonly json?: boolean;
}

/** What `--json` prints. */
interface ImportSummary {
  readonly files: readonly ImportedFile[];
  readonly spans: number;
  readonly traces: number;
  /** The last 1 000 of them. */
  readonly traceIds: readonly string[];
}

const PROGRESS_EVERY_MS = 2_000;
const MEGABYTE = 1024 * 1024;

export function addImport(command: Command): void {
  command
    .argument('<file...>', 'traces, recordings or logs, plain or gzipped; - is standard input')
    .option('--host <name>', 'machine that the files were written on; names their clock')
    .option(
      '--traces-from <address>',
      'fetch the servers’ traces that a recording names from this Jaeger, Tempo or Zipkin (repeatable)',
      tracesFrom,
    )
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `\nThe format is found out by looking: ${knownFormats()}.
One trace is shown at once: verdict, waterfall, ledger; of several, headwater list tells. What has no times (a recording of
Chrome's Recorder, a curl command, a script) cannot be drawn: headwater replay runs it.

Examples:
  headwater import slow-page.har                           from a browser, a proxy, an API client
  headwater import slow-page.har --traces-from http://jaeger.shop.example:16686
  headwater import test-results/checkout/trace.zip         Playwright's trace
  headwater import netlog.json                             chrome://net-export, or --log-net-log
  headwater import trace-from-jaeger.json
  headwater import haproxy.log.1.gz postgresql.json
  curl -s http://127.0.0.1:9411/api/v2/trace/4bf92f35… | headwater import -

Exit codes: 0 everything was read, 2 something could not be.`,
    )
    .action(importFiles);
}

async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const outcomes: ImportOutcome[] = [];
    const extras: RunExtras[] = [];
    for (const file of files) {
      const outcome = await importFile(file, {
        host: options.host,
        keep: (spans) => store.append(spans),
        keepRun: (run) => extras.push(run),
        keepPictures: (pictures) => keepPictures(pictures, store),
        onProgress: progressTeller(file),
      });
      outcomes.push(outcome);
      tell(outcome);
      keepWarnings(outcome, store);
    }
    const traceIds = new Set(outcomes.flatMap((outcome) => [...outcome.traceIds]));
    await fetchServers(traceIds, options.tracesFrom ?? [], store);
    let view: RunView | undefined;
    const keepLast = (made: RunView) => {
      view = made;
    };
    const runs = keepImported(traceIds, store, keepLast, extras);
    if (options.json) print(JSON.stringify(summaryOf(outcomes, traceIds)));
    else {
      if (view && traceIds.size === 1) printRun(view);
      tellWhereToLook(traceIds, runs);
    }
    if (outcomes.some(isBad)) process.exitCode = EXIT.usage;
  } finally {
    store.close();
  }
}

/** What its servers told elsewhere, of a request whose answer or `traceparent` names their trace. */
async function fetchServers(
  traceIds: ReadonlySet<string>,
  addresses: readonly string[],
  store: Store,
): Promise<void> {
  if (addresses.length === 0) return;
  let toldMs = performance.now();
  const { asked, came, failures, warnings } = await fetchNamed(traceIds, addresses, store, (done, of) => {
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    say(`  ${done} of ${counted(of, 'trace')} asked for …`);
  });
  for (const failure of failures) sayLoud(failure);
  keepNewWarnings(onlyOne(traceIds), warnings, store);
  const where = addresses.join(', ');
  if (asked === 0) say('No request names a trace of its servers that is not stored already.');
  else if (came > 0) sayDone(where, `${came} of ${counted(asked, 'trace')} that the requests name`);
  else if (failures.length === 0)
    sayLoud(`${where}: none of ${counted(asked, 'trace')} that the requests name is there.`);
}

/** Nothing could be read of it, though it held something. */
const isBad = ({ error, spans, warnings }: ImportedFile): boolean =>
  error !== undefined || (spans === 0 && warnings.length > 0);

function progressTeller(file: string): (progress: { bytes: number; totalBytes: number }) => void {
  let toldMs = performance.now();
  return ({ bytes, totalBytes }) => {
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    const of = totalBytes ? ` of ${Math.round(totalBytes / MEGABYTE)}` : '';
    say(`  ${nameOf(file)}: ${Math.round(bytes / MEGABYTE)}${of} MB …`);
  };
}

const nameOf = (file: string): string => (file === '-' ? 'standard input' : basename(file));

function tell(outcome: ImportOutcome): void {
  const { file, format, spans, traces, warnings, error } = outcome;
  const what = `${format ?? 'unknown format'}, ${counted(spans, 'span')} of ${counted(traces, 'trace')}`;
  if (error !== undefined) sayFailed(spans > 0 ? `${error} Until then: ${what}.` : error);
  else if (isBad(outcome)) sayFailed(`${nameOf(file)}: ${what}`);
  else sayDone(nameOf(file), what);
  if (spans === 0 && warnings.length === 0 && error === undefined)
    say(
      '  Nothing in it names a trace: headwater doctor --config … prints the lines that make a server do so.',
    );
  for (const group of warnings) tellGroup(group);
}

const EXAMPLES_TOLD = 2;

function tellGroup({ code, count, examples }: WarningGroup): void {
  sayLoud(`${counted(count, 'warning')}: ${code}`);
  for (const { where, message } of examples.slice(0, EXAMPLES_TOLD)) say(`    ${where}: ${message}`);
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en').replaceAll(',', ' ')} ${what}${count === 1 ? '' : 's'}`;

/** Of one trace: with it. Of several: with none in particular. */
function keepWarnings({ warnings, traceIds }: ImportOutcome, store: Store): void {
  const list = warnings.flatMap(({ examples }) => examples);
  keepNewWarnings(onlyOne(traceIds), list, store);
}

const onlyOne = (traceIds: ReadonlySet<string>): string | null =>
  traceIds.size === 1 ? ([...traceIds][0] ?? null) : null;

function tellWhereToLook(traceIds: ReadonlySet<string>, runs: number): void {
  const [first] = traceIds;
  if (traceIds.size === 1 && first)
    say(`To look at it again: headwater show ${first.slice(0, 8)}, or headwater serve`);
  else if (traceIds.size > 1) say('To look at them: headwater list, or headwater serve');
  if (traceIds.size > runs && runs === MAX_IMPORTED_RUNS)
    say(
      `On the list are the last ${counted(runs, 'trace')} of ${counted(traceIds.size, 'trace')}; headwater show ID shows any other.`,
    );
}

const summaryOf = (outcomes: readonly ImportOutcome[], traceIds: ReadonlySet<string>): ImportSummary => ({
  files: outcomes.map(({ traceIds: _, ...file }) => file),
  spans: outcomes.reduce((sum, { spans }) => sum + spans, 0),
  traces: traceIds.size,
  traceIds: [...traceIds].slice(-MAX_IMPORTED_RUNS),
});
