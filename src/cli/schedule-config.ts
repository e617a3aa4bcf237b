/** The schedule's side of `headwater.config.ts`: read, its journeys found, and read again when it changes. */
import { unwatchFile, watchFile } from 'node:fs';
import type { Journey } from '../../probe/journey.ts';
import type { Config } from '../config/config.ts';
import { findConfig, loadConfig } from '../config/load-config.ts';
import { loadJourney } from '../run/load-journey.ts';
import { isSuite } from '../run/playwright-command.ts';
import { type Planned, type PlannedJourney, plannedFrom } from '../schedule/planned.ts';
import { loadModule } from './configured.ts';
import { SCENARIOS_DIR } from './package-root.ts';
import { messageOf } from './user-error.ts';

/** How soon a change is noticed. Asking works wherever files do, also where watching a folder does not. */
const WATCH_EVERY_MS = 1_000;

export interface FoundJourney {
  readonly journey: Journey;
  readonly baseUrl: string;
}

export interface ScheduleConfig {
  /** All that the file says. */
  readonly config: Config;
  readonly planned: Planned;
  readonly foundByName: ReadonlyMap<string, FoundJourney>;
}

const machineZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @throws Error with a sentence that names the file and the key, or the journey */
export async function readScheduleConfig(folder: string): Promise<ScheduleConfig> {
  const config = await loadConfig(folder, loadModule);
  const planned = plannedFrom(config, machineZone());
  const found = await Promise.all(
    planned.journeys.map(async (journey) => [journey.name, await findJourney(journey)] as const),
  );
  return { config, planned, foundByName: new Map(found) };
}

/** Its runs carry the name that the configuration gives it. */
async function findJourney({ name, run, url }: PlannedJourney): Promise<FoundJourney> {
  const key = `journeys.${name}`;
  if (isSuite(run))
    throw new Error(`${key}: "${run}" is a Playwright suite; only journeys can be scheduled.`);
  const loaded = await loadJourney(run, SCENARIOS_DIR, loadModule).catch((error: unknown) => {
    throw new Error(`${key}: ${messageOf(error)}`);
  });
  const baseUrl = loaded.baseUrl ?? url;
  if (baseUrl === undefined)
    throw new Error(
      `${key} needs an address to start at: url: 'https://your.site', there or for all journeys.`,
    );
  return { journey: { ...loaded.journey, name }, baseUrl };
}

/**
 * @param onChange told what the file says now; not when it cannot be used
 * @param onFault told why not
 * @returns how to stop
 */
export function watchConfig(
  folder: string,
  onChange: (config: ScheduleConfig) => void,
  onFault: (sentence: string) => void,
): () => void {
  const file = findConfig(folder);
  if (file === undefined) return () => {};
  let reading = Promise.resolve();
  watchFile(file, { interval: WATCH_EVERY_MS }, () => {
    reading = reading
      .then(() => {
        if (findConfig(folder) === undefined) throw new Error(`${file} is gone.`);
        return readScheduleConfig(folder);
      })
      .then(onChange)
      .catch((error: unknown) => onFault(messageOf(error)));
  });
  return () => unwatchFile(file);
}
