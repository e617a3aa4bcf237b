/**
 * What is usual for a journey: median and spread of each part of its time, step by step, in earlier runs that had no
 * problem. Robust: one slow run among five moves neither.
 */
import { RUNS_FOR_A_NORMAL } from '../model/journey.ts';
import { type Cause, isLayer, type Layer } from '../model/layer.ts';
import type { LedgerEntry, RunReport, StepReport } from '../model/report.ts';
import type { Nanos } from '../model/time.ts';
import { isObserver } from './causes/observer.ts';
import { lastingName } from './lasting-name.ts';
import { problemsOf } from './problems.ts';
import { type Typical, typicalOf } from './surprise.ts';

export interface Normal {
  readonly runs: number;
  readonly wall: Typical;
  /** Wall time without the visitor's own time to think. */
  readonly busy: Typical;
  /** The site's own: without the observation's either. */
  readonly site: Typical;
  /** The site's own, what the browser did and what it waited for apart. */
  readonly sides: Readonly<Record<Side, Typical>>;
  /** By step, layer and cause; by component too, for naming who had the excess. */
  readonly parts: ReadonlyMap<string, Typical>;
}

/** The least of a report that is needed. */
export type JudgedRun = Pick<RunReport, 'status' | 'wallNs' | 'ledger' | 'steps'>;

/** The whole run is looked at as one more step, for what is spread over all of them. */
export const WHOLE_RUN = '';

/** @returns undefined when too few of the runs ended well and without a problem */
export function normalOf(earlier: readonly JudgedRun[]): Normal | undefined {
  const healthy = earlier.filter(({ status, ledger }) => status === 'ok' && problemsOf(ledger).length === 0);
  if (healthy.length < RUNS_FOR_A_NORMAL) return undefined;
  const sums = healthy.map(sumsOf);
  const keys = new Set(sums.flatMap((sum) => [...sum.keys()]));
  return {
    runs: healthy.length,
    wall: typicalOf(healthy.map((run) => run.wallNs)),
    busy: typicalOf(healthy.map(busyNs)),
    site: typicalOf(healthy.map(siteNs)),
    sides: {
      page: typicalOf(healthy.map((run) => sideNs(run, 'page'))),
      servers: typicalOf(healthy.map((run) => sideNs(run, 'servers'))),
    },
    parts: new Map([...keys].map((key) => [key, typicalOf(sums.map((sum) => sum.get(key) ?? 0))])),
  };
}

export const keyOf = (step: string, { layer, cause }: Pick<LedgerEntry, 'layer' | 'cause'>): string =>
  `${step}\u0000${layer}\u0000${cause}`;
export const componentKey = (step: string, entry: Omit<LedgerEntry, 'spanIds'>): string =>
  `${keyOf(step, entry)}\u0000${lastingName(entry.component)}`;

interface Ledgers extends Pick<JudgedRun, 'ledger'> {
  readonly steps: readonly Pick<StepReport, 'name' | 'ledger'>[];
}

/** A run with steps of the same name has them in one. */
export function ledgersOf({ ledger, steps }: Ledgers): [step: string, ledger: LedgerEntry[]][] {
  const byStep = new Map<string, LedgerEntry[]>([[WHOLE_RUN, [...ledger]]]);
  for (const step of steps) byStep.set(step.name, [...(byStep.get(step.name) ?? []), ...step.ledger]);
  return [...byStep];
}

function sumsOf(run: Pick<JudgedRun, 'ledger' | 'steps'>): Map<string, Nanos> {
  const sums = new Map<string, Nanos>();
  const add = (key: string, ns: Nanos) => void sums.set(key, (sums.get(key) ?? 0) + ns);
  for (const [step, ledger] of ledgersOf(run))
    for (const entry of ledger) {
      add(keyOf(step, entry), entry.ns);
      add(componentKey(step, entry), entry.ns);
    }
  return sums;
}

export interface UsualPart {
  /** Null: over the whole run. */
  readonly step: string | null;
  readonly layer: Layer;
  readonly cause: Cause;
  readonly medianNs: Nanos;
}

/** The medians by step, layer and cause: `keyOf` read backwards. */
export function usualParts({ parts }: Normal): UsualPart[] {
  return [...parts].flatMap(([key, { medianNs }]) => {
    const [step = '', layer, cause, component] = key.split('\u0000');
    if (!isLayer(layer) || cause === undefined || component !== undefined) return [];
    return [{ step: step === WHOLE_RUN ? null : step, layer, cause, medianNs }];
  });
}

/** Who is at work: the page in its browser, or what it waits for. */
export type Side = 'page' | 'servers';
export const sideOf = (layer: Layer): Side => (layer === 'browser' ? 'page' : 'servers');

type Timed = Pick<JudgedRun, 'ledger'>;
const sumOf = ({ ledger }: Timed, isCounted: (entry: LedgerEntry) => boolean): Nanos =>
  ledger.reduce((sum, entry) => sum + (isCounted(entry) ? entry.ns : 0), 0);

export const isOfSite = ({ layer, cause }: Pick<LedgerEntry, 'layer' | 'cause'>): boolean =>
  layer !== 'think' && !isObserver(cause);

export const busyNs = (run: Timed): Nanos => sumOf(run, ({ layer }) => layer !== 'think');
export const siteNs = (run: Timed): Nanos => sumOf(run, isOfSite);
export const sideNs = (run: Timed, side: Side): Nanos =>
  sumOf(run, (entry) => isOfSite(entry) && sideOf(entry.layer) === side);
