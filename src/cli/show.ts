/** `headwater show TRACE`: one stored run, stitched again so that spans which came late are in it. */
import type { Command } from 'commander';
import { restitch } from '../run/restitch.ts';
import { usualFrom } from '../run/usual.ts';
import { openStore } from '../store/sqlite.ts';
import { printJson, printRun } from './console.ts';
import { keptWithoutSpans, noSpans } from './left-over.ts';
import { namedTrace } from './named-trace.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

export function addShow(command: Command): void {
  command
    .argument('<trace>', 'trace ID, a unique beginning of it, or a traceparent')
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
    const traceId = namedTrace(asked, (prefix) => store.findTrace(prefix));
    const view = keptWithoutSpans(traceId, store) ?? restitch(traceId, store, usualFrom(store));
    if (!view) throw new UserError(noSpans(traceId, store));
    if (options.json) printJson(view.report);
    else printRun(view);
  } finally {
    store.close();
  }
}
