/** What is to be run: a list of cases, the same list for the same seed. */
import { type Fault, faults } from '../../scenarios/faults/index.ts';
import { unknownFault } from '../../scenarios/faults/unknown-fault.ts';
import { randomFrom, shuffled } from './random.ts';

export interface AskedFault {
  readonly name: string;
  readonly ms: number;
}

/** One shop, and how often the journey is walked in it. */
export interface Case {
  /** Unique within a plan, and the same in the next: `dns-slow=150 seed 1`. */
  readonly key: string;
  /** `usual`: quiet as well, but walked first and not judged; what the others are compared with. */
  readonly kind: 'single' | 'double' | 'quiet' | 'usual';
  readonly faults: readonly AskedFault[];
  readonly runs: number;
}

export interface PlanOptions {
  /** Names of faults; all when missing. */
  readonly only?: readonly string[];
  readonly sizesMs: readonly number[];
  /** How often each fault is run at each size. */
  readonly repeat: number;
  /** Runs without a fault. */
  readonly quiet: number;
  /** Runs with two faults. */
  readonly double: number;
  /** Quiet runs before all others, as what is usual; none when missing. */
  readonly usual?: number;
  readonly seed: number;
  /** A new shop for every run. */
  readonly fresh?: boolean;
}

/** Sizes are asked with this much to and fro, so that no threshold can be fitted to them. */
const JITTER = 0.1;
/** Quiet runs in one shop: enough to save its start, few enough to meet more than one shop. */
const QUIET_RUNS_A_SHOP = 10;
/** The same for what is usual: two shops at least. */
const USUAL_RUNS_A_SHOP = 5;
/** The sizes for which accuracy is promised. */
const PROMISED_MS = { least: 50, most: 500 } as const;
/** The larger of two faults is this much larger, or nobody could say which is. */
const LARGER_BY = 1.3;

/** A few faults of different layers whose mechanism leaves no doubt, for a check of some seconds each. */
export const SHORT = {
  sizeMs: 150,
  only: ['dns-slow', 'tls-retry', 'lb-queue', 'service-retry-backoff', 'db-row-lock', 'page-redirects'],
  double: [
    { name: 'db-row-lock', ms: 300 },
    { name: 'dns-slow', ms: 150 },
  ],
  quiet: 2,
} as const;

export const shortPlan = (): Case[] => [
  ...planOf({ only: SHORT.only, sizesMs: [SHORT.sizeMs], repeat: 1, quiet: SHORT.quiet, double: 0, seed: 1 }),
  { key: 'double short', kind: 'double', faults: SHORT.double, runs: 1 },
];

export function planOf(options: PlanOptions): Case[] {
  const chosen = chosenFaults(options.only);
  const cases = [
    ...chosen.flatMap((fault) => singles(fault, options)),
    ...quietCases('quiet', options.quiet, QUIET_RUNS_A_SHOP, options),
    ...doubles(chosen, options),
  ];
  return [
    ...quietCases('usual', options.usual ?? 0, USUAL_RUNS_A_SHOP, options),
    ...shuffled(cases, randomFrom(`order ${options.seed}`)),
  ];
}

/** Throws an Error that names what was probably meant. */
export function chosenFaults(only?: readonly string[]): Fault[] {
  if (!only) return Object.values(faults);
  return only.map((name) => {
    if (Object.hasOwn(faults, name)) return faults[name]!;
    throw new Error(unknownFault(name, Object.keys(faults)));
  });
}

function singles(fault: Fault, { sizesMs, repeat, seed, fresh }: PlanOptions): Case[] {
  const shops = fresh || fault.oncePerShop ? repeat : 1;
  return sizesOf(fault, sizesMs).flatMap((size) =>
    Array.from({ length: shops }, (_, shop) => {
      const key = `${fault.name}=${size} seed ${seed}${shops > 1 ? `.${shop + 1}` : ''}`;
      const ms = fault.fixedMs ?? Math.round(size * (1 - JITTER + 2 * JITTER * randomFrom(key)()));
      const asked = { name: fault.name, ms: Math.max(ms, PROMISED_MS.least) };
      return { key, kind: 'single', faults: [asked], runs: repeat / shops };
    }),
  );
}

/** A fault whose size nobody can choose, or that ends the journey, has one. */
const sizesOf = (fault: Fault, sizesMs: readonly number[]): readonly number[] =>
  fault.fixedMs !== undefined ? [fault.fixedMs] : fault.outcome === 'failed' ? [fault.defaultMs] : sizesMs;

function quietCases(
  kind: 'quiet' | 'usual',
  wanted: number,
  runsAShop: number,
  { seed, fresh }: PlanOptions,
): Case[] {
  const aShop = fresh ? 1 : runsAShop;
  return Array.from({ length: Math.ceil(wanted / aShop) }, (_, shop) => ({
    key: `${kind} seed ${seed}.${shop + 1}`,
    kind,
    faults: [],
    runs: Math.min(aShop, wanted - shop * aShop),
  }));
}

function doubles(chosen: readonly Fault[], { double, seed }: PlanOptions): Case[] {
  const able = chosen.filter(
    ({ outcome, fixedMs }) => outcome !== 'failed' && (fixedMs === undefined || isPromised(fixedMs)),
  );
  const random = randomFrom(`doubles ${seed}`);
  const cases: Case[] = [];
  if (new Set(able.map((fault) => fault.expected.layer)).size < 2) return cases;
  while (cases.length < double) {
    const pair = pairOf(able, random);
    if (pair)
      cases.push({ key: `double ${cases.length + 1} seed ${seed}`, kind: 'double', faults: pair, runs: 1 });
  }
  return cases;
}

const isPromised = (ms: number): boolean => ms >= PROMISED_MS.least && ms <= PROMISED_MS.most;

/** Of two layers, and of clearly different sizes; undefined when the draw is not that. */
function pairOf(able: readonly Fault[], random: () => number): AskedFault[] | undefined {
  const drawn = [0, 0].map(() => able[Math.floor(random() * able.length)]!);
  const [a, b] = drawn.map(({ name, fixedMs }) => ({
    name,
    ms: fixedMs ?? Math.round(PROMISED_MS.least + random() * (PROMISED_MS.most - PROMISED_MS.least)),
  }));
  if (drawn[0]!.expected.layer === drawn[1]!.expected.layer) return undefined;
  const [larger, smaller] = a!.ms > b!.ms ? [a!, b!] : [b!, a!];
  return larger.ms >= smaller.ms * LARGER_BY ? [larger, smaller] : undefined;
}
