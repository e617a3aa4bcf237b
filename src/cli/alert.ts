/** `headwater alert`: what is wrong now, who is at it, what nobody wants to hear of, and whether messages arrive. */
import type { Command } from 'commander';
import { alertSource } from '../alert/send/alert-source.ts';
import { letters } from '../alert/send/kept.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { resendDeadLetters, testChannels } from './alert-send.ts';
import { addSilenceCommands } from './alert-silence.ts';
import { print, say, sayDone, stdoutColours } from './console.ts';
import { renderAlerts, renderDeadLetter, renderSilence } from './terminal/alerts.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

const EXAMPLES = `
Examples:
  headwater alert                                     what fires, and what was over lately
  headwater alert --test                              a test message to every channel
  headwater alert ack 3fa9 --by Ada                   somebody is at it: no more news unless it gets worse
  headwater alert silence --layer db --for 2h         nothing of the database for two hours
  headwater alert dead-letters --resend               what no channel took, once more

Exit codes: 0 fine, 1 a channel did not take a message, 2 unusable input.`;

/** What was over long ago is history: --json has all that is kept. */
const RESOLVED_SHOWN = 10;

interface ListOptions {
  readonly json?: boolean;
}

export function addAlert(alert: Command): void {
  alert
    .option('--test', 'send a test message to every channel')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', EXAMPLES)
    .action((options: ListOptions & { test?: boolean }) =>
      options.test ? testChannels() : listAlerts(options),
    );
  addAlerts(alert.command('list').description('alerts: firing, acknowledged, silenced, over'));
  alert.command('test').description('send a test message to every channel').action(testChannels);
  alert
    .command('ack')
    .argument('<alert>', 'its ID, or a unique beginning of it')
    .description('say that somebody is at it')
    .option('--by <name>', 'who')
    .action((asked: string, options: { by?: string }) => withStore((store) => ack(asked, options, store)));
  addSilenceCommands(alert);
  alert
    .command('dead-letters')
    .description('messages that a channel did not take')
    .option('--resend', 'try each once more')
    .option('--json', 'one JSON array on stdout')
    .action((options: { resend?: boolean; json?: boolean }) =>
      options.resend ? withStore(resendDeadLetters) : withStore((store) => listDeadLetters(options, store)),
    );
  for (const command of alert.commands) command.exitOverride();
}

export const addAlerts = (list: Command): void =>
  void list
    .option('--json', 'one JSON object on stdout')
    .action((options: ListOptions, command: Command) =>
      listAlerts({ ...command.parent?.opts(), ...options }),
    );

const listAlerts = ({ json }: ListOptions): Promise<void> =>
  withStore((store) => {
    const nowUnixMs = Date.now();
    const source = alertSource(store);
    const [rows, active] = [source.rows(), source.silences()];
    if (json) return print(JSON.stringify({ alerts: rows, silences: active }));
    const firing = rows.filter(({ state }) => state !== 'resolved');
    const over = rows.filter(({ state }) => state === 'resolved').slice(0, RESOLVED_SHOWN);
    if (firing.length === 0) print('Nothing fires.');
    if (rows.length > 0) print(renderAlerts([...firing, ...over], nowUnixMs, stdoutColours));
    if (active.length > 0)
      print(['Silenced:', ...active.map((silence) => `  ${renderSilence(silence, nowUnixMs)}`)].join('\n'));
  });

function ack(asked: string, { by }: { by?: string }, store: Store): void {
  const source = alertSource(store);
  const firing = source.rows().filter(({ state }) => state !== 'resolved');
  const found = firing.filter(({ id }) => id.startsWith(asked.toLowerCase()));
  if (found.length > 1) throw new UserError(`${found.length} alerts begin with ${asked}: give more of it.`);
  const [one] = found;
  if (!one) throw new UserError(`No alert that fires begins with ${asked}. headwater alert shows what does.`);
  source.acknowledge(one.id, by);
  sayDone('acknowledged', `${one.id}: no more news of it unless it gets worse or is over`);
}

function listDeadLetters({ json }: { json?: boolean }, store: Store): void {
  const dead = letters(store, 'dead_letter');
  if (json) print(JSON.stringify(dead.map(({ letter }) => letter)));
  else if (dead.length === 0) say('There is no dead letter.');
  else {
    print(dead.map(renderDeadLetter).join('\n'));
    say('headwater alert dead-letters --resend tries each once more.');
  }
}

async function withStore<T>(work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    return await work(store);
  } finally {
    store.close();
  }
}
