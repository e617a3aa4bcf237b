/** `headwater mark NAME`: remember that something was changed, so that a shift can be told by its name. */
import type { Command } from 'commander';
import { dropMarks, keepMark } from '../run/marks.ts';
import { openStore } from '../store/sqlite.ts';
import { sayDone } from './console.ts';
import { momentOf } from './moment.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

const EXAMPLES = `
Examples:
  headwater mark v1.4.2                            just now: the last line of a deployment
  headwater mark "new certificate" --at 14:03      today
  headwater mark v1.4.1 --at 2026-11-28T14:03Z     a time that says its zone
  headwater mark v1.4.1 --remove                   it was none`;

interface MarkOptions {
  readonly at?: number;
  readonly remove?: boolean;
}

export function addMark(command: Command): void {
  command
    .argument('<name>', 'what was changed: a version, a commit, a word')
    .option('--at <time>', 'when: 14:03 (today), 2026-11-28T14:03Z (default: now)', momentOf)
    .option('--remove', 'forget all marks of this name')
    .addHelpText('after', EXAMPLES)
    .action(mark);
}

async function mark(name: string, { at, remove }: MarkOptions): Promise<void> {
  if (name.trim() === '') throw new UserError('A mark needs a name, such as v1.4.2.');
  if (remove && at !== undefined)
    throw new UserError('--remove takes all marks of the name: leave --at out.');
  const nowMs = Date.now();
  if (at !== undefined && at > nowMs)
    throw new UserError(`${new Date(at).toISOString()} is still to come: mark what has been done.`);
  const store = await withExitCode(EXIT.environment, () => openStore());
  try {
    if (remove) {
      const count = dropMarks(name, store);
      if (count === 0) throw new UserError(`There is no mark ${name}. headwater marks lists them.`);
      sayDone('forgotten', name);
    } else {
      const unixMs = at ?? nowMs;
      keepMark({ name, unixMs }, store);
      sayDone('marked', `${name}, ${new Date(unixMs).toISOString()}`);
    }
  } finally {
    store.close();
  }
}
