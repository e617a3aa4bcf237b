/** `headwater show TRACE`: one stored run, stitched again so that spans which came late are in it. */
import type { Command } from 'commander';
import { parseTraceparent } from '../model/ids.ts';
import { restitch } from '../run/restitch.ts';
import { openStore } from '../store/sqlite.ts';
import { printJson, printRun } from './console.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

export function addShow(program: Command): void {
  program
    .command('show')
    .argument('<trace>', 'trace ID, a unique beginning of it, or a traceparent')
    .description('one stored run: verdict, waterfall, ledger')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      '\nExamples:\n  headwater show 4bf92f35\n  headwater show 4bf92f35 --json | jq .verdict',
    )
    .action(show);
}

async function show(asked: string, options: { json?: boolean }): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const traceId = resolveTrace(asked, (prefix) => store.findTrace(prefix));
    const view = restitch(traceId, store);
    if (!view) throw new UserError(`Trace ${traceId} has no spans in the store.`);
    if (options.json) printJson(view.report);
    else printRun(view);
  } finally {
    store.close();
  }
}

function resolveTrace(asked: string, find: (prefix: string) => readonly string[]): string {
  const prefix = (parseTraceparent(asked)?.traceId ?? asked).toLowerCase();
  if (!/^[0-9a-f]{4,32}$/.test(prefix))
    throw new UserError(`"${asked}" is not a trace ID: give 4 to 32 hex digits, or a traceparent.`);
  const found = find(prefix);
  if (found.length > 1) throw new UserError(`${found.length} traces start with ${prefix}: give more digits.`);
  if (!found[0]) throw new UserError(`No trace starts with ${prefix}. headwater list shows what is stored.`);
  return found[0];
}
