/** `headwater serve`: collector, API and viewer, on loopback, until Ctrl-C. */
import type { Command } from 'commander';
import { goalsIn } from '../config/goals.ts';
import type { GoalsOf } from '../model/goals.ts';
import { openStore } from '../store/sqlite.ts';
import { applyConfig, readConfig } from './configured.ts';
import { say } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { addListening } from './receive-options.ts';
import { type ServingOptions, startKeeping, startServing } from './serving.ts';
import { EXIT, withExitCode } from './user-error.ts';

export function addServe(command: Command): void {
  addListening(command, 'viewer and API')
    .addHelpText(
      'after',
      '\nExamples:\n  headwater serve\n  headwater serve --log /var/lib/postgresql/15/main/log/postgresql.json',
    )
    .hook('preAction', (_program, command) => applyConfig(command))
    .action(serve);
}

async function serve(options: ServingOptions): Promise<void> {
  const config = await readConfig();
  const goals: GoalsOf = (journey) => goalsIn(config.journeys, journey);
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    await startServing(store, options, later, { goals });
    startKeeping(store, config, later);
    say('Ctrl-C ends it.');
    await interrupt.asked;
  });
  interrupt.release();
}
