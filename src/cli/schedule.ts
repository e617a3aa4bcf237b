/** `headwater schedule`: walks the journeys of `headwater.config.ts` by the clock, until Ctrl-C. */
import type { Command } from 'commander';
import { findChromium, noChromiumError } from '../../probe/chromium.ts';
import { holdSchedule } from '../schedule/holder.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import { upcoming } from '../schedule/upcoming.ts';
import type { Clock } from '../schedule/walk-slot.ts';
import { openStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import { applyConfig, setFrom } from './configured.ts';
import { print, say, sayDone, sayLoud, stdoutColours, stdoutWidth } from './console.ts';
import { type Interrupt, onInterrupt, withCleanup } from './interrupt.ts';
import { addObserving, type ObservingOptions, observer } from './observing.ts';
import { addReceiving } from './receive-options.ts';
import { readScheduleConfig, type ScheduleConfig, watchConfig } from './schedule-config.ts';
import { addControl } from './schedule-control.ts';
import { scheduleJudge } from './schedule-judge.ts';
import { scheduleTeller } from './schedule-teller.ts';
import { scheduledWalk } from './schedule-walk.ts';
import { type ServingOptions, startServing } from './serving.ts';
import { renderUpcoming } from './terminal/schedule.ts';
import { EXIT, messageOf, UserError, withExitCode } from './user-error.ts';

interface ScheduleOptions extends ObservingOptions, ServingOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const DRY_RUN_MS = 24 * 3_600_000;

const EXAMPLES = `
In headwater.config.ts:
  export default {
    journeys: {
      'sign-in': { run: './sign-in.journey.ts', url: 'https://your.site', every: '5m', jitter: '30s' },
      front: { run: 'https://your.site/', cron: '0 8-18 * * 1-5', timeZone: 'Europe/Berlin' },
    },
  };

Examples:
  headwater schedule --dry-run        what the next 24 hours bring
  headwater schedule                  walks, receives and draws, until Ctrl-C (again: breaks off what runs)
  headwater schedule status           from another terminal
  headwater schedule pause sign-in    and resume, run-now`;

export function addSchedule(command: Command): void {
  command
    .option('--dry-run', 'print what the next 24 hours bring, and end')
    .option('--json', 'one JSON object a run, or skip, on stdout');
  addReceiving(addObserving(command), 'viewer and API')
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (self) => applyConfig(self))
    .action(schedule);
  addControl(command);
  for (const one of command.commands) one.exitOverride();
}

const NOTHING =
  "Nothing is scheduled: give a journey in headwater.config.ts a time, such as journeys: { front: { run: 'https://your.site/', every: '5m' } }.";

async function schedule(options: ScheduleOptions, command: Command): Promise<void> {
  const config = await withExitCode(EXIT.usage, () => readScheduleConfig(process.cwd()));
  if (config.planned.journeys.length === 0) throw new UserError(NOTHING);
  if (options.dryRun) tellUpcoming(config, options.json);
  else await walkOn(config, command);
}

function tellUpcoming({ planned }: ScheduleConfig, json: boolean | undefined): void {
  const all = upcoming(planned, Date.now(), DRY_RUN_MS);
  if (json) print(JSON.stringify(all.map((one) => ({ ...one, count: one.unixMs.length }))));
  else print(`\n${renderUpcoming(all, stdoutWidth(), stdoutColours)}`);
}

async function walkOn(first: ScheduleConfig, command: Command): Promise<void> {
  if (!(await findChromium())) throw noChromiumError();
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    later(await withExitCode(EXIT.environment, () => holdSchedule(store, process.pid)));
    await walkFrom(store, first, command, interrupt, later);
  });
  interrupt.release();
}

async function walkFrom(
  store: Store,
  first: ScheduleConfig,
  command: Command,
  interrupt: Interrupt,
  later: (stop: () => Promise<void> | void) => void,
): Promise<void> {
  let config = first;
  const options = command.opts<ScheduleOptions>();
  const judge = await scheduleJudge(store, first.config, later);
  const walk: { now: ReturnType<typeof observer> | undefined } = { now: undefined };
  const scheduler = new Scheduler({
    planned: first.planned,
    store,
    clock: machineClock,
    walk: scheduledWalk(
      () => config,
      (one) => walk.now!(one),
      judge.onRun,
    ),
    ...scheduleTeller(options.json === true),
    onError: (error) => sayLoud(`The schedule goes on after: ${messageOf(error)}`),
  });
  const { collector, server } = await startServing(store, options, later, {
    schedule: scheduler,
    goals: judge.goalsOf,
  });
  const observing = () => observer(store, command.opts<ScheduleOptions>(), collector, server.url);
  walk.now = observing();
  sayDone('Schedule', `${server.url}/schedule`);
  later(
    watchConfig(
      process.cwd(),
      (next) => {
        setFrom(command, next.config);
        walk.now = observing();
        config = next;
        scheduler.update(next.planned);
        judge.update(next.config);
        sayPlanned('The configuration was read again', next);
      },
      (sentence) => sayLoud(`${sentence.replace(/\.?$/, '.')} The schedule goes on as it was.`),
    ),
  );
  sayPlanned('Scheduled', config);
  say('Ctrl-C ends it, when what runs has ended.');
  void interrupt.asked.then(() => {
    const running = scheduler.health().running.join(', ');
    if (running !== '') say(`Waiting for ${running} to end (Ctrl-C again breaks it off) …`);
    void scheduler.stop();
  });
  interrupt.again.addEventListener('abort', () => scheduler.breakOff());
  await scheduler.run();
}

function sayPlanned(what: string, { planned }: ScheduleConfig): void {
  const names = planned.journeys.map(({ name, timing }) => `${name} (${timing})`);
  say(`${what}: ${names.join(', ') || 'nothing'}.`);
}

/** Timers of a sleeping machine stand still; the loop never naps for long. */
const machineClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
};
