/** `headwater compare A [B]`: two stored runs side by side, or a run and what is usual for its journey. */
import type { Command } from 'commander';
import type { Comparison } from '../model/comparison.ts';
import type { RunView } from '../model/report.ts';
import { compareChoices, comparedWithRun, comparedWithUsual, USUAL } from '../run/compared.ts';
import { reopened } from '../run/reopen.ts';
import { restitch } from '../run/restitch.ts';
import { usualFrom } from '../run/usual.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { print, printJson, stdoutColours, stdoutWidth } from './console.ts';
import { noSpans } from './left-over.ts';
import { namedTrace } from './named-trace.ts';
import { renderComparison } from './terminal/comparison.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

const EXAMPLES = `
Every figure is what the first run took more (+) or less (−) than the second.

Examples:
  headwater compare 4bf92f35                    with what is usual, else with the run before it
  headwater compare 4bf92f35 normal             with what is usual (needs five earlier runs without a problem)
  headwater compare 4bf92f35 0af76519           with another run
  headwater compare 4bf92f35 0af76519 --json | jq '.parts[:3]'`;

export function addCompare(command: Command): void {
  command
    .argument('<run>', 'trace ID, a unique beginning of it, or a traceparent')
    .argument('[other]', `another one, or ${USUAL}: what is usual for the journey`)
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action(compareRuns);
}

async function compareRuns(
  asked: string,
  other: string | undefined,
  options: { json?: boolean },
): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const view = readRun(asked, store);
    const comparison = await withExitCode(EXIT.usage, () => compareWith(view, other, store));
    if (options.json) printJson(comparison);
    else print(`\n${renderComparison(comparison, stdoutWidth(), stdoutColours)}`);
  } finally {
    store.close();
  }
}

function compareWith(view: RunView, asked: string | undefined, store: Store): Comparison {
  const comparables = { runs: store.runs.bind(store), run: store.run.bind(store), usual: usualFrom(store) };
  const other = asked ?? compareChoices(view, comparables).first;
  if (other === null)
    throw new UserError(
      `There is nothing to compare with: this is the only run of ${view.report.journey}. Run the journey again, or name another run.`,
    );
  if (other === USUAL) return comparedWithUsual(view, comparables);
  return comparedWithRun(view, readRun(other, store));
}

function readRun(asked: string, store: Store): RunView {
  const traceId = namedTrace(asked, (prefix) => store.findTrace(prefix));
  const view = reopened(traceId, store) ?? restitch(traceId, store, usualFrom(store));
  if (!view || view.dropped?.spans) throw new UserError(noSpans(traceId, store));
  return view;
}
