/** How well shifts are found, and how often one is told that is none: simulated rows of recorded runs. Pure. */
import type { Shift, ShiftRun } from '../../src/model/shift.ts';
import type { PoolRun } from '../fixtures/shift-runs.ts';
import { randomFrom } from './random.ts';
import { falseAlarms, firstTold, type Place, placesIn, plantIn } from './shift-planted.ts';
import { rowOf, type World } from './shift-worlds.ts';

export interface Setting {
  readonly pool: readonly PoolRun[];
  readonly world: World;
  readonly seed: string;
}

export interface Quiet {
  readonly looks: number;
  readonly alarms: readonly Shift[];
}

/** Runs before the first question, and questions in one row. */
const QUIET_PAST = 40;
const MOST_LOOKS_A_ROW = 300;

export function measureQuiet({ pool, world, seed }: Setting, looks: number): Quiet {
  const inRow = Math.min(looks, MOST_LOOKS_A_ROW);
  const rows = Math.ceil(looks / inRow);
  const each = Array.from({ length: rows }, (_, i) =>
    falseAlarms(
      rowOf(pool, QUIET_PAST + inRow, world, randomFrom(`quiet ${seed} ${world} ${i}`)),
      QUIET_PAST,
    ),
  );
  return {
    looks: each.reduce((sum, row) => sum + row.looks, 0),
    alarms: each.flatMap(({ alarms }) => alarms),
  };
}

export const SOON = 5;
export const LATER = 10;

export interface Found {
  readonly planted: number;
  /** Told after so many runs at most. */
  readonly soon: number;
  readonly later: number;
  /** Of those told: what stands first is the right layer; and the right step, cause and component too. */
  readonly rightLayer: number;
  readonly rightPart: number;
  /** Layers of those that were not told soon. */
  readonly missed: readonly string[];
}

export interface Planting {
  readonly ms: number;
  /** Runs before the change. */
  readonly past: number;
  /** Rows a layer. */
  readonly tries: number;
}

export function measureFound(setting: Setting, planting: Planting): Found {
  const places = placesIn(setting.pool);
  const tried = places.flatMap((place) =>
    Array.from({ length: planting.tries }, (_, i) => ({ place, ...tell(setting, planting, place, i) })),
  );
  const told = tried.flatMap(({ place, first }) => (first ? [{ place, first }] : []));
  const soon = tried.filter(({ after }) => after !== undefined && after <= SOON);
  return {
    planted: tried.length,
    soon: soon.length,
    later: told.length,
    rightLayer: told.filter(({ place, first }) => first.layer === place.layer).length,
    rightPart: told.filter(({ place, first }) => isRightPart(place, first)).length,
    missed: tried.filter((one) => !soon.includes(one)).map(({ place }) => place.layer),
  };
}

function tell({ pool, world, seed }: Setting, { ms, past }: Planting, place: Place, i: number) {
  const random = randomFrom(`planted ${seed} ${world} ${ms} ${past} ${place.layer} ${i}`);
  const quiet = rowOf(pool, past + LATER, world, random);
  const row = quiet.map((run, at): ShiftRun => (at < past ? run : plantIn(run, place, ms * 1e6, random)));
  return firstTold(row, past, 'slower');
}

const isRightPart = (place: Place, { layer, step, cause }: Shift): boolean =>
  layer === place.layer && step === place.step && cause === place.cause;
