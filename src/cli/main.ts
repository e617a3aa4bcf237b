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

interface CommandEntry {
  /** What it does, in a line. */
  readonly about: string;
  /** Gives it arguments, options and an action. */
  readonly load: () => Promise<(command: Command) => void>;
}

/** In the order in which help lists them. */
const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  demo: {
    about: 'start the demo shop, walk its checkout in a real browser, draw where the time went',
    load: async () => (await import('./demo.ts')).addDemo,
  },
  run: {
    about: 'walk a journey in a real browser and say where the time went',
    load: async () => (await import('./run.ts')).addRun,
  },
  serve: {
    about: 'receive what servers say, and draw the runs; on loopback, until Ctrl-C',
    load: async () => (await import('./serve.ts')).addServe,
  },
  schedule: {
    about: 'walk journeys by the clock, as headwater.config.ts says; on loopback, until Ctrl-C',
    load: async () => (await import('./schedule.ts')).addSchedule,
  },
  show: {
    about: 'one stored run: verdict, waterfall, ledger',
    load: async () => (await import('./show.ts')).addShow,
  },
  compare: {
    about: 'what was different: two runs, or a run and what is usual',
    load: async () => (await import('./compare.ts')).addCompare,
  },
  replay: {
    about: 'walk a recorded slow path again, beside the original: reproduced, or what differs',
    load: async () => (await import('./replay.ts')).addReplay,
  },
  normal: {
    about: 'what is usual for a journey, layer by layer, and what has changed',
    load: async () => (await import('./normal.ts')).addNormal,
  },
  mark: {
    about: 'remember a deployment, so that what changes after it is told by its name',
    load: async () => (await import('./mark.ts')).addMark,
  },
  marks: {
    about: 'deployments that were marked, newest first',
    load: async () => (await import('./marks.ts')).addMarks,
  },
  list: {
    about: 'the runs in the store, newest first',
    load: async () => (await import('./list.ts')).addList,
  },
  import: {
    about: 'read traces, recordings and logs that already exist',
    load: async () => (await import('./import.ts')).addImport,
  },
  export: {
    about: 'one stored run as a file of its own',
    load: async () => (await import('./export.ts')).addExport,
  },
  alert: {
    about: 'what is wrong now, who is at it, and whether messages arrive',
    load: async () => (await import('./alert.ts')).addAlert,
  },
  alerts: {
    about: 'alerts: firing, acknowledged, silenced, over',
    load: async () => (await import('./alert.ts')).addAlerts,
  },
  keep: {
    about: 'what the store takes on the disk; lets go of what headwater.config.ts does not want kept',
    load: async () => (await import('./keep.ts')).addKeep,
  },
  agent: {
    about: "tell runs what this host's kernel saw: connections, queues, pressure; Linux",
    load: async () => (await import('./agent.ts')).addAgent,
  },
  doctor: {
    about: 'what is missing on this machine; what a site lets us see',
    load: async () => (await import('./doctor.ts')).addDoctor,
  },
};

/** Only what was asked for is loaded: `--help` and `list` must not wait for a browser driver that they never use. */
async function addCommands(program: Command, asked: string | undefined): Promise<void> {
  for (const [name, { about, load }] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(about);
    if (name === asked) (await load())(command);
    command.exitOverride();
  }
}

/** The command itself, or the one that `help` is asked about. */
const askedOf = ([first, second]: readonly string[]): string | undefined =>
  first === 'help' ? second : first;

async function buildProgram(): Promise<Command> {
  const program = new Command('headwater')
    .description(ABOUT)
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(headwater --help shows what there is)')
    .showSuggestionAfterError()
    .configureOutput({ writeErr: (text) => process.stderr.write(text.replace(/^error: /, 'headwater: ')) })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  await addCommands(program, askedOf(process.argv.slice(2)));
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
