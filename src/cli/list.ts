/** `headwater list`: the runs in the store, newest first. */
import type { Command } from 'commander';
import { formatDuration, unixMsFromNano } from '../model/time.ts';
import { openStore } from '../store/sqlite.ts';
import { print, say, stdoutColours } from './console.ts';
import { positiveInteger } from './options.ts';
import { plain, toWidth } from './terminal/colour.ts';
import { EXIT, withExitCode } from './user-error.ts';

export function addList(command: Command): void {
  command
    .option('-n, --limit <count>', 'how many', positiveInteger, 20)
    .option('--json', 'one JSON array on stdout')
    .action(list);
}

async function list(options: { limit: number; json?: boolean }): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const runs = store.runs(options.limit);
    if (options.json) return print(JSON.stringify(runs));
    if (runs.length === 0)
      return say('No run is stored yet. Try: headwater demo, or headwater run https://your.site');
    for (const run of runs) {
      const when = new Date(unixMsFromNano(BigInt(run.startUnixNano)))
        .toISOString()
        .replace('T', ' ')
        .slice(0, 19);
      const mark =
        run.status === 'ok'
          ? stdoutColours.green('✓')
          : run.status === 'failed'
            ? stdoutColours.red('✖')
            : '…';
      print(
        `${mark} ${run.traceId.slice(0, 8)}  ${when}  ${toWidth(run.journey, 18)} ${formatDuration(run.wallNs).padStart(9)}  ${plain(run.sentence)}`,
      );
    }
  } finally {
    store.close();
  }
}
