/** From the configuration to what is planned: each journey with its times and what holds for its runs. No clock in here. */
import type { Config } from '../config/config.ts';
import { durationNs } from '../model/duration-text.ts';
import type { CatchUp } from '../model/schedule.ts';
import { cronTimes, type NextAfter } from './cron.ts';

const DEFAULT_RETRIES = 1;
const DEFAULT_TIMEOUT = '60s';
const DEFAULT_STOP_WITHIN = '60s';

export interface PlannedJourney {
  readonly name: string;
  /** File, name or address. */
  readonly run: string;
  /** Where it starts, when the configuration says so. */
  readonly url?: string;
  /** Says when, for people: `every 5m`. */
  readonly timing: string;
  /** Tells whether its times have changed. */
  readonly times: string;
  readonly timeZone: string;
  /** The first slot after an instant. */
  readonly nextAfter: NextAfter;
  readonly jitterMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly catchUp: CatchUp;
}

export interface Planned {
  readonly concurrency: number;
  readonly stopWithinMs: number;
  readonly journeys: readonly PlannedJourney[];
}

type Entry = NonNullable<Config['journeys']>[string];

/** Journeys without a time of their own, or with `enabled: false`, are not in it. */
export function plannedFrom(config: Config, machineZone: string): Planned {
  const journeys = Object.entries(config.journeys ?? {})
    .filter(([, { every, cron, enabled }]) => enabled !== false && (every ?? cron) !== undefined)
    .map(([name, entry]) => plannedJourney(name, entry, config, entry.timeZone ?? machineZone));
  return {
    concurrency: config.schedule?.concurrency ?? 1,
    stopWithinMs: milliseconds(config.schedule?.stopWithin ?? DEFAULT_STOP_WITHIN),
    journeys,
  };
}

function plannedJourney(name: string, entry: Entry, config: Config, timeZone: string): PlannedJourney {
  const { every, cron, jitter, timeout } = entry;
  const url = entry.url ?? config.url;
  return {
    name,
    run: entry.run ?? name,
    ...(url !== undefined && { url }),
    timing: every !== undefined ? `every ${every}` : `cron ${cron}`,
    times: every !== undefined ? `every ${milliseconds(every)} ms` : `cron ${cron} ${timeZone}`,
    timeZone,
    nextAfter: every !== undefined ? intervalTimes(milliseconds(every)) : cronTimes(cron!, timeZone),
    jitterMs: milliseconds(jitter ?? config.schedule?.jitter ?? '0s'),
    timeoutMs:
      timeout === undefined ? (config.timeoutMs ?? milliseconds(DEFAULT_TIMEOUT)) : milliseconds(timeout),
    retries: entry.retries ?? DEFAULT_RETRIES,
    catchUp: entry.catchUp ?? config.schedule?.catchUp ?? 'once',
  };
}

const milliseconds = (text: string): number => Math.round((durationNs(text) ?? 0) / 1e6);

/** Counted from 1970, not from the start of a program: a restart gives the same times. */
export const intervalTimes =
  (everyMs: number): NextAfter =>
  (unixMs) =>
    (Math.floor(unixMs / everyMs) + 1) * everyMs;

/**
 * When a slot is to begin. The jitter is made of the journey's name and the slot, so that every restart gives the same
 * time, and ends before the next slot, so that slots stay in order.
 */
export function dueAt({ name, jitterMs, nextAfter }: PlannedJourney, slotUnixMs: number): number {
  if (jitterMs === 0) return slotUnixMs;
  const roomMs = (nextAfter(slotUnixMs) ?? Number.POSITIVE_INFINITY) - slotUnixMs;
  return slotUnixMs + Math.floor(share(`${name} ${slotUnixMs}`) * Math.min(jitterMs, roomMs));
}

/** Of a text, from 0 to below 1: FNV-1a, its bits mixed as MurmurHash3 does at its end. */
function share(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
