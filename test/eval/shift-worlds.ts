/**
 * Long rows of quiet runs, made of recorded ones: drawn in stretches, so that neighbours stay alike as they were, with
 * noise of their own on top, and what the recorded ones may have been too few to show. Pure.
 */

import type { LedgerEntry } from '../../src/model/report.ts';
import type { ShiftRun } from '../../src/model/shift.ts';

/**
 * recorded   as they were, in stretches
 * noisier    each part ± 15 %, all of a run ± 5 %, and one run in 30 with an odd part of up to some 300 ms
 * busy       noisier, and the machine has spells in which everything takes 1.2 to 2 times as long
 */
export const WORLDS = ['recorded', 'noisier', 'busy'] as const;
export type World = (typeof WORLDS)[number];

type Random = () => number;

/** Runs in a row that are drawn together, on average. */
const STRETCH = 5;
const PART_SIGMA = 0.15;
const RUN_SIGMA = 0.05;
const ODD_RUNS = 1 / 30;
const ODD_MEAN_NS = 80e6;
/** Spells of a busy machine: how often one begins, and its mean length, in runs. */
const SPELLS = 1 / 60;
const SPELL_RUNS = 8;
/** A run every five minutes. */
const EVERY_NS = 300_000_000_000n;
const START_UNIX_NANO = 1_790_000_000_000_000_000n;

export function rowOf(
  pool: readonly Omit<ShiftRun, 'traceId' | 'startUnixNano'>[],
  length: number,
  world: World,
  random: Random,
): ShiftRun[] {
  let from = Math.floor(random() * pool.length);
  let spell = { left: 0, factor: 1 };
  return Array.from({ length }, (_, i) => {
    from = random() < 1 / STRETCH ? Math.floor(random() * pool.length) : (from + 1) % pool.length;
    spell = nextSpell(spell, world, random);
    const run = noisy(pool[from]!, world, spell.factor, random);
    const startUnixNano = String(START_UNIX_NANO + BigInt(i) * EVERY_NS);
    return { ...run, traceId: i.toString(16).padStart(32, '0'), startUnixNano };
  });
}

function nextSpell(spell: { left: number; factor: number }, world: World, random: Random) {
  if (world !== 'busy') return spell;
  if (spell.left > 0) return { ...spell, left: spell.left - 1 };
  if (random() >= SPELLS) return { left: 0, factor: 1 };
  return { left: Math.ceil(-SPELL_RUNS * Math.log(1 - random())), factor: 1.2 + 0.8 * random() };
}

type Run = Omit<ShiftRun, 'traceId' | 'startUnixNano'>;

/** The same part has the same noise in its step and in the whole run: their sums agree. */
function noisy(run: Run, world: World, factor: number, random: Random): Run {
  const pace = factor * (world === 'recorded' ? 1 : Math.exp(RUN_SIGMA * normal(random)));
  const sigma = world === 'recorded' ? PART_SIGMA / 5 : PART_SIGMA;
  const steps = run.steps.map((step) => ({
    ...step,
    ledger: step.ledger.map((entry) => ({
      ...entry,
      ns: Math.round(entry.ns * pace * Math.exp(sigma * normal(random))),
    })),
  }));
  if (world !== 'recorded' && random() < ODD_RUNS) addOddPart(steps, random);
  const told = steps.map((step) => ({ ...step, wallNs: sumOf(step.ledger) }));
  // Steps are all of a recorded run but a few ms between them.
  const ledger = told.flatMap((step) => step.ledger);
  return { ...run, steps: told, ledger, wallNs: sumOf(ledger) };
}

function addOddPart(steps: { ledger: LedgerEntry[] }[], random: Random): void {
  const { ledger } = steps[Math.floor(random() * steps.length)]!;
  const at = Math.floor(random() * ledger.length);
  const entry = ledger[at];
  if (entry) ledger[at] = { ...entry, ns: entry.ns + Math.round(-ODD_MEAN_NS * Math.log(1 - random())) };
}

const sumOf = (ledger: readonly LedgerEntry[]): number => ledger.reduce((sum, { ns }) => sum + ns, 0);

/** Box–Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
