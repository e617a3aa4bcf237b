/** `headwater marks`: what was marked, newest first. */
import type { Command } from 'commander';
import { marksIn } from '../run/marks.ts';
import { openStore } from '../store/sqlite.ts';
import { print, say } from './console.ts';
import { positiveInteger } from './options.ts';
import { plain } from './terminal/colour.ts';
import { EXIT, withExitCode } from './user-error.ts';

export function addMarks(command: Command): void {
  command
    .option('-n, --limit <count>', 'how many', positiveInteger, 20)
    .option('--json', 'one JSON array on stdout')
    .addHelpText('after', "\nExamples:\n  headwater marks\n  headwater marks --json | jq '.[0].name'")
    .action(list);
}

async function list(options: { limit: number; json?: boolean }): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const marks = marksIn(store).slice(0, options.limit);
    if (options.json) return print(JSON.stringify(marks));
    if (marks.length === 0) return say('Nothing is marked yet. Try: headwater mark v1.4.2');
    for (const { name, unixMs } of marks)
      print(`${new Date(unixMs).toISOString().replace('T', ' ').slice(0, 19)}  ${plain(name)}`);
  } finally {
    store.close();
  }
}
