/** The command line. The only place, with its neighbours in this folder, that prints or exits. */
import { Command, CommanderError } from 'commander';
import { say, sayFailed } from './console.ts';
import { VERSION } from './package-root.ts';
import { EXIT, messageOf, UserError } from './user-error.ts';

const ABOUT = `Traces one request from the browser to the database and back, and says where the time went.`;

const EXAMPLES = `
Examples:
  headwater demo                        see it work: a shop, a browser, a database
  headwater run https://your.site/      your own site, in one line
  headwater serve                       receive from your servers, and draw
  headwater schedule                    your journeys by the clock, as headwater.config.ts says
  headwater show 4bf92f35               a stored run
  headwater replay 4bf92f35             a slow run again, three times, beside the original
  headwater compare 4bf92f35 normal     what was different from usual, or from another run
  headwater normal checkout             what is usual for a journey, and what has changed

Exit codes: 0 fine, 1 the journey failed, 2 unusable input, 3 the environment lacks something (headwater doctor).`;

type AddCommand = (program: Command) => void;

const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  demo: async () => (await import('./demo.ts')).addDemo,
  run: async () => (await import('./run.ts')).addRun,
  serve: async () => (await import('./serve.ts')).addServe,
  schedule: async () => (await import('./schedule.ts')).addSchedule,
  show: async () => (await import('./show.ts')).addShow,
  compare: async () => (await import('./compare.ts')).addCompare,
  replay: async () => (await import('./replay.ts')).addReplay,
  normal: async () => (await import('./normal.ts')).addNormal,
  mark: async () => (await import('./mark.ts')).addMark,
  marks: async () => (await import('./marks.ts')).addMarks,
  list: async () => (await import('./list.ts')).addList,
  import: async () => (await import('./import.ts')).addImport,
  export: async () => (await import('./export.ts')).addExport,
  alert: async () => (await import('./alert.ts')).addAlert,
  alerts: async () => (await import('./alert.ts')).addAlerts,
  keep: async () => (await import('./keep.ts')).addKeep,
  agent: async () => (await import('./agent.ts')).addAgent,
  doctor: async () => (await import('./doctor.ts')).addDoctor,
};

/** Only the command that was asked for: `list` must not wait for a browser driver that it never uses. */
const commandsFor = (asked: string | undefined): (() => Promise<AddCommand>)[] =>
  asked !== undefined && Object.hasOwn(COMMANDS, asked) ? [COMMANDS[asked]!] : Object.values(COMMANDS);

async function buildProgram(): Promise<Command> {
  const program = new Command('headwater')
    .description(ABOUT)
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(headwater --help shows what there is)')
    .showSuggestionAfterError()
    .configureOutput({ writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'headwater: ')) })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  for (const load of commandsFor(process.argv[2])) (await load())(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}

/** The machine lacks something, and the message says what. */
const NO_FAULT: ReadonlySet<unknown> = new Set(['no-chromium', 'store-full']);

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  sayFailed(messageOf(error));
  if (error instanceof UserError) return error.exitCode;
  if (NO_FAULT.has((error as { code?: unknown } | null)?.code)) return EXIT.environment;
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
