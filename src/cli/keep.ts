/** `headwater keep`: what the store takes on the disk, what goes of it and why, and lets it go. */
import type { Command } from 'commander';
import { keepPolicy } from '../config/keeping.ts';
import type { Drop, KeepPolicy } from '../model/keeping.ts';
import { formatBytes } from '../model/size-text.ts';
import { agreedPolicy } from '../run/agreed.ts';
import { Keeper, plannedDrops } from '../run/keeper.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { readConfig } from './configured.ts';
import { print, say, stdoutColours } from './console.ts';
import { type Going, goingOf, renderGoing, renderUse } from './terminal/keep.ts';
import { EXIT, messageOf, UserError, withExitCode } from './user-error.ts';

/** Nobody waits for this command but the one who gave it. */
const SWEEP_MS = 1_000;
/** From here on, a file that cannot shrink piece by piece is worth writing anew. */
const WORTH_A_REBUILD_BYTES = 16_000_000;

interface KeepOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function addKeep(command: Command): void {
  command
    .option('-n, --dry-run', 'only say what would go, and why')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
The policy is \`keep\` in headwater.config.ts: { days: 30, failedDays: 90, ordinary: 0.1, size: '5GB' }.
Every run's row stays, with its layers and steps; \`headwater serve\` does the same every few minutes.

Examples:
  headwater keep --dry-run
  headwater keep --json | jq .use`,
    )
    .action(keep);
}

async function keep(options: KeepOptions): Promise<void> {
  const config = await readConfig();
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    const policy = config.keep ? keepPolicy(config.keep) : agreedPolicy(store);
    const drops = options.dryRun ? plannedDrops(store, policy, Date.now()) : sweepAll(store, policy);
    tell(options, goingOf(drops), store, policy);
  } finally {
    store.close();
  }
}

function sweepAll(store: Store, policy: KeepPolicy): Drop[] {
  const keeper = new Keeper({ store, policy });
  const dropped: Drop[] = [];
  for (;;) {
    const sweep = keeper.sweep({ withinMs: SWEEP_MS });
    dropped.push(...sweep.dropped);
    if (!sweep.isDone) continue;
    if (sweep.shortBytes > 0)
      say(`${formatBytes(sweep.shortBytes)} more should go, but all of it is needed: raise keep.size.`);
    shrinkAll(store);
    return dropped;
  }
}

function shrinkAll(store: Store): void {
  store.shrink(Number.POSITIVE_INFINITY);
  if (store.diskUse().free < WORTH_A_REBUILD_BYTES) return;
  try {
    say('This store is of an older Headwater: it is written anew once, so that it can shrink …');
    store.rebuild();
  } catch (error) {
    throw new UserError(
      `The store could not be written anew (${messageOf(error)}). Stop what uses it, or free some disk, and try again.`,
      EXIT.environment,
    );
  }
}

function tell(
  { dryRun, json }: KeepOptions,
  going: readonly Going[],
  store: Store,
  policy: KeepPolicy,
): void {
  const use = { ...store.diskUse(), limit: policy.sizeBytes };
  if (json) print(JSON.stringify({ policy, use, isDropped: !dryRun, going }));
  else print(`${renderUse(use, stdoutColours)}\n\n${renderGoing(going, policy, !dryRun)}`);
}
