/** One run's report against what was really injected. */
import { type Fault, faults } from '../../scenarios/faults/index.ts';
import type { Injection } from '../../scenarios/shop/injected.ts';
import { problemsOf } from '../../src/analyse/problems.ts';
import type { RunReport, Verdict } from '../../src/model/report.ts';
import type { AskedFault, Case } from './plan.ts';

export interface JudgedFault {
  readonly name: string;
  readonly askedMs: number;
  readonly injectedMs: number;
  /** The part that did it timed it; else the asked time stands for it. */
  readonly isNoted: boolean;
  /** What the ledger gives to the cause that was expected; beside earlier runs, what the verdict says it had more. */
  readonly blamedMs: number;
}

export interface Judged {
  readonly kind: Case['kind'];
  readonly status: 'ok' | 'failed';
  /** The largest first: the one that the verdict must name. Empty for a quiet run. */
  readonly faults: readonly JudgedFault[];
  readonly isLayerRight: boolean;
  readonly isCauseRight: boolean;
  /** Undefined where no component is expected. */
  readonly isComponentRight?: boolean;
  /** Of two faults: whether the smaller one is told too. */
  readonly isSecondNamed?: boolean;
  readonly verdict: {
    readonly layer: string;
    readonly cause: string;
    readonly component: string;
    readonly ms: number;
  };
  readonly sentence: string;
  /** Causes with time enough for a verdict that nobody injected. */
  readonly falseCauses: readonly { readonly cause: string; readonly ms: number }[];
  readonly unknownShare: number;
  readonly wallMs: number;
}

/** Injections are noted when they are over, and clocks are read one after the other. */
const EDGE_MS = 50;

/** A run by itself: the verdict must name the fault, and the ledger has its time. */
export function judge(asked: Case, report: RunReport, injections: readonly Injection[]): Judged {
  const { ledger, verdict } = report;
  const told = problemsOf(ledger).map(({ cause, ns }) => ({ cause, ms: ns / 1e6 }));
  const nsOf = (cause: string) =>
    ledger.filter((entry) => entry.cause === cause).reduce((sum, entry) => sum + entry.ns, 0);
  return judged(asked, report, injections, { told, first: verdict, msOf: (cause) => nsOf(cause) / 1e6 });
}

/** A run beside earlier ones: what the verdict blames is more than usual, by so much. */
export function judgeCompared(asked: Case, report: RunReport, injections: readonly Injection[]): Judged {
  const { verdict, status } = report;
  const blamed = isBlaming(verdict) ? [verdict, ...(verdict.others ?? [])] : [];
  const told = blamed.map(({ cause, ns }) => ({ cause, ms: ns / 1e6 }));
  return judged(asked, report, injections, {
    told,
    first: status === 'failed' ? verdict : blamed[0],
    msOf: (cause) => told.find((problem) => problem.cause === cause)?.ms ?? 0,
  });
}

/** Only who blames somebody says how sure that is. */
const isBlaming = ({ confidence }: Verdict): boolean => confidence !== undefined;

interface Found {
  /** All that the run is blamed on. */
  readonly told: readonly { readonly cause: string; readonly ms: number }[];
  /** Of which the verdict speaks. */
  readonly first: { readonly layer: string; readonly cause: string; readonly component: string } | undefined;
  readonly msOf: (cause: string) => number;
}

function judged(
  { kind, faults: asked }: Case,
  report: RunReport,
  injections: readonly Injection[],
  { told, first, msOf }: Found,
): Judged {
  const { verdict, wallNs, unknownNs, status } = report;
  const injected = injectionsOf(report, injections);
  const ours = asked
    .map((fault) => judgeFault(fault, msOf, injected))
    .sort((a, b) => b.injectedMs - a.injectedMs);
  const [larger, smaller] = ours.map(({ name }) => faults[name]!.expected);
  const expected = new Set(ours.map(({ name }) => faults[name]!.expected.cause));
  return {
    kind,
    status,
    faults: ours,
    isLayerRight: larger ? first?.layer === larger.layer : told.length === 0,
    isCauseRight: larger ? first?.cause === larger.cause : told.length === 0,
    ...(larger?.component !== undefined && {
      isComponentRight: first?.component.includes(larger.component) === true,
    }),
    ...(smaller && { isSecondNamed: isNamed(smaller, report) }),
    verdict: {
      layer: verdict.layer,
      cause: verdict.cause,
      component: verdict.component,
      ms: verdict.ns / 1e6,
    },
    sentence: verdict.sentence,
    falseCauses: told.filter(({ cause }) => !expected.has(cause)),
    unknownShare: unknownNs / wallNs,
    wallMs: wallNs / 1e6,
  };
}

function injectionsOf(report: RunReport, injections: readonly Injection[]): Injection[] {
  const startMs = Number(BigInt(report.startUnixNano) / 1_000_000n);
  const endMs = startMs + report.wallNs / 1e6;
  return injections.filter(({ atUnixMs }) => atUnixMs >= startMs - EDGE_MS && atUnixMs <= endMs + EDGE_MS);
}

function judgeFault(
  { name, ms }: AskedFault,
  msOf: (cause: string) => number,
  injected: readonly Injection[],
): JudgedFault {
  const mine = injected.filter(({ fault }) => fault === name);
  const { cause } = faults[name]!.expected;
  return {
    name,
    askedMs: ms,
    injectedMs: mine.length > 0 ? mine.reduce((sum, injection) => sum + injection.ms, 0) : ms,
    isNoted: mine.length > 0,
    blamedMs: msOf(cause),
  };
}

const isNamed = ({ cause }: Fault['expected'], { verdict }: RunReport): boolean =>
  (verdict.others ?? []).some((other) => other.cause === cause);
