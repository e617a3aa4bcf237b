/** `headwater normal JOURNEY`: what is usual for a journey, layer by layer, and what has changed. */
import type { Command } from 'commander';
import { type JourneyNormal, journeyNormal } from '../run/shifts.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { print, stdoutColours } from './console.ts';
import { renderNormal } from './terminal/normal.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

const EXAMPLES = `
Usual is what the last 80 runs that ended well took; a layer that changed, what it took since. Only the site's own time
is counted: not the observer's, not the visitor's thinking. A change is told when it is no chance, more than 20 ms and 1 %
of the step, and not the machine's pace or the time of day: 100 ms more mostly after five runs, with 60 runs before them.
With fewer than 20 before, nothing is told.

Examples:
  headwater normal checkout
  headwater normal checkout --site staging.example
  headwater normal checkout --json | jq '.[].shifts[].sentence'`;

export function addNormal(command: Command): void {
  command
    .argument('<journey>', 'its name, as headwater list shows it')
    .option('--site <host>', 'at this site only')
    .option('--json', 'one JSON array on stdout, an object a site')
    .addHelpText('after', EXAMPLES)
    .action(normal);
}

async function normal(journey: string, options: { site?: string; json?: boolean }): Promise<void> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const nowMs = Date.now();
    const normals = sitesOf(journey, options.site, store).map((site) =>
      journeyNormal(journey, site, store, nowMs),
    );
    if (options.json) print(JSON.stringify(normals));
    else print(`\n${normals.map(renderedIn).join('\n')}`);
  } finally {
    store.close();
  }
}

const renderedIn = (normal: JourneyNormal): string => renderNormal(normal, stdoutColours);

function sitesOf(journey: string, asked: string | undefined, store: Store): string[] {
  const rows = store.journeys(1);
  const sites = rows.filter((row) => row.journey === journey).map(({ site }) => site);
  if (sites.length === 0) throw new UserError(`There is no run of ${journey}.${known(rows)}`);
  if (asked !== undefined && !sites.includes(asked))
    throw new UserError(`There is no run of ${journey} at ${asked}; there are some at ${sites.join(', ')}.`);
  return asked === undefined ? sites : [asked];
}

function known(rows: readonly { readonly journey: string }[]): string {
  const names = [...new Set(rows.map(({ journey }) => journey))];
  return names.length === 0 ? ' No run is stored yet.' : ` There are runs of ${names.join(', ')}.`;
}
