/** The command line. The only place, with its neighbours in this folder, that prints or exits. */
import { Command, CommanderError } from 'commander';
import { say, sayFailed } from './console.ts';
import { addDoctor } from './doctor.ts';
import { addList } from './list.ts';
import { VERSION } from './package-root.ts';
import { addShow } from './show.ts';
import { EXIT, messageOf, UserError } from './user-error.ts';

const ABOUT = `Traces one request from the browser to the database and back, and says where the time went.`;

const EXAMPLES = `
Examples:
  headwater demo                        see it work: a shop, a browser, a database
  headwater run https://your.site/      your own site, in one line
  headwater serve                       receive from your servers, and draw
  headwater show 4bf92f35               a stored run

Exit codes: 0 fine, 1 the journey failed, 2 unusable input, 3 the environment lacks something (headwater doctor).`;

async function buildProgram(): Promise<Command> {
  const program = new Command('headwater')
    .description(ABOUT)
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(headwater --help shows what there is)')
    .showSuggestionAfterError()
    .configureOutput({ writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'headwater: ')) })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  // Loaded one by one: `list` must not wait for a browser driver it never uses.
  const { addDemo } = await import('./demo.ts');
  const { addRun } = await import('./run.ts');
  const { addServe } = await import('./serve.ts');
  addDemo(program);
  addRun(program);
  addServe(program);
  addShow(program);
  addList(program);
  addDoctor(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  sayFailed(messageOf(error));
  if (error instanceof UserError) return error.exitCode;
  if ((error as { code?: unknown } | null)?.code === 'no-chromium') return EXIT.environment;
  if (process.env.HEADWATER_DEBUG) say(String((error as Error | null)?.stack ?? error));
  else say('This is a fault in Headwater; HEADWATER_DEBUG=1 shows where.');
  return EXIT.environment;
}

try {
  const program = await buildProgram();
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = exitCodeOf(error);
}
