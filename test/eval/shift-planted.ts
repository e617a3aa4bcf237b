/** A layer of one step that takes longer from some run on, planted into quiet rows; and what is told of it. Pure. */
import { shiftsIn } from '../../src/analyse/shift/shifts-in.ts';
import type { LedgerEntry } from '../../src/model/report.ts';
import type { Shift, ShiftRun } from '../../src/model/shift.ts';

export type Place = Pick<LedgerEntry, 'layer' | 'component' | 'cause'> & { readonly step: string };

/** A real slowdown is not the same to the millisecond each time. */
const JITTER = 0.15;

/** Adds the time to the step and to the run, so that their sums agree still. */
export function plantIn(run: ShiftRun, place: Place, ns: number, random: () => number): ShiftRun {
  const moreNs = Math.round(ns * (1 - JITTER + 2 * JITTER * random()));
  const { step: name, ...part } = place;
  const add = (ledger: readonly LedgerEntry[]): LedgerEntry[] => [
    ...ledger,
    { ...part, ns: moreNs, evidence: 'measured', spanIds: [] },
  ];
  return {
    ...run,
    wallNs: run.wallNs + moreNs,
    ledger: add(run.ledger),
    steps: run.steps.map((step) =>
      step.name === name ? { ...step, wallNs: step.wallNs + moreNs, ledger: add(step.ledger) } : step,
    ),
  };
}

/** In each layer that is the site's: the part of a step that has most of it in the pool, or a made-up one. */
export function placesIn(pool: readonly Pick<ShiftRun, 'steps'>[]): Place[] {
  const sums = new Map<string, Place & { ns: number }>();
  for (const { steps } of pool)
    for (const { name, ledger } of steps)
      for (const { layer, component, cause, ns } of ledger) {
        const key = `${name}|${layer}|${component}|${cause}`;
        const place = sums.get(key) ?? { step: name, layer, component, cause, ns: 0 };
        place.ns += ns;
        sums.set(key, place);
      }
  const most = [...sums.values()].sort((a, b) => b.ns - a.ns);
  const first = pool[0]!.steps[0]!.name;
  const made: Place[] = [
    { step: first, layer: 'tcp', component: 'cdn.example', cause: 'tcp.connect' },
    { step: first, layer: 'lb', component: 'balancer', cause: 'lb.queue' },
  ];
  const found = (['dns', 'tls', 'network', 'service', 'db'] as const).flatMap(
    (layer) => most.find((place) => place.layer === layer) ?? [],
  );
  const main = most.find(({ cause }) => cause === 'browser.main_thread');
  return [...found, ...made, ...(main ? [main] : [])].map(({ step, layer, component, cause }) => ({
    ...{ step, layer, component, cause },
  }));
}

export interface Told {
  /** After how many runs it was told first; undefined when never. */
  readonly after?: number;
  readonly first?: Shift;
}

/** Asked after every run, as a schedule does. @param past how many runs of the row are before the change */
export function firstTold(row: readonly ShiftRun[], past: number, direction: Shift['direction']): Told {
  for (let end = past + 1; end <= row.length; end++) {
    const first = shiftsIn(row.slice(0, end)).find((shift) => shift.direction === direction);
    if (first) return { after: end - past, first };
  }
  return {};
}

/** How many alarms begin in a quiet row that is asked about after every run; the first runs are only its past. */
export function falseAlarms(row: readonly ShiftRun[], past: number): { looks: number; alarms: Shift[] } {
  const alarms: Shift[] = [];
  let before = new Set<string>();
  for (let end = past + 1; end <= row.length; end++) {
    const shifts = shiftsIn(row.slice(0, end));
    alarms.push(...shifts.filter((shift) => !before.has(nameOf(shift))));
    before = new Set(shifts.map(nameOf));
  }
  return { looks: row.length - past, alarms };
}

const nameOf = ({ layer, direction }: Shift): string => `${layer} ${direction}`;
