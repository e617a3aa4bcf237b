/** `headwater schedule status|pause|resume|run-now`: asks the schedule that is on, over its API. */
import type { Command } from 'commander';
import type { ScheduleStanding } from '../model/schedule.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { print, stdoutColours } from './console.ts';
import { port } from './options.ts';
import { renderStanding } from './terminal/schedule.ts';
import { EXIT, UserError } from './user-error.ts';

interface ControlOptions {
  readonly port: number;
  readonly json?: boolean;
}

export function addControl(schedule: Command): void {
  controlling(schedule.command('status'), 'what is next, what runs, what ran last').action(
    (_options, command: Command) => tell(command, (at) => ask(at, 'GET', '')),
  );
  const journeyActions = [
    ['pause', '[journey]', 'walk it no more, or nothing at all', 'pause'],
    ['resume', '[journey]', 'walk it again, or everything', 'resume'],
    ['run-now', '<journey>', 'walk it as soon as there is a place', 'run'],
  ] as const;
  for (const [name, argument, description, action] of journeyActions)
    controlling(schedule.command(name).argument(argument, 'as in the configuration'), description).action(
      (journey: string | undefined, _options, command: Command) =>
        tell(command, (at) => ask(at, 'POST', `/${action}`, { journey })),
    );
}

const controlling = (command: Command, description: string): Command =>
  command
    .description(description)
    .option('-p, --port <port>', 'where the schedule is on', port, DEFAULT_VIEWER_PORT)
    .option('--json', 'one JSON object on stdout');

async function tell(command: Command, asked: (at: number) => Promise<ScheduleStanding>): Promise<void> {
  // `schedule` has the same options, and takes them wherever they stand.
  const options = command.optsWithGlobals<ControlOptions>();
  const standing = await asked(options.port);
  print(options.json ? JSON.stringify(standing) : `\n${renderStanding(standing, stdoutColours)}`);
}

async function ask(at: number, method: string, path: string, body?: unknown): Promise<ScheduleStanding> {
  const nobody = `No schedule is on at port ${at}: headwater schedule starts it, --port says where it is.`;
  const response = await fetch(`http://127.0.0.1:${at}/api/schedule${path}`, {
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  }).catch(() => {
    throw new UserError(nobody, EXIT.environment);
  });
  const answer = (await response.json().catch(() => undefined)) as ScheduleStanding | { error?: string };
  const isOff = answer && 'state' in answer && answer.state === 'off';
  if (response.ok && answer && 'journeys' in answer && !isOff) return answer;
  if (isOff || response.status === 404) throw new UserError(nobody, EXIT.environment);
  throw new UserError((answer as { error?: string })?.error ?? `The schedule answered ${response.status}.`);
}
