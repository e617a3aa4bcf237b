/** The words of a verdict that blames: who, how much, on which evidence, what else, and what to look at next. */
import { LAYER_NAME, type Layer } from '../model/layer.ts';
import type { LedgerEntry, StepReport, Verdict } from '../model/report.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import type { Span } from '../model/trace.ts';
import { tellingOf } from './causes/index.ts';
import { trustIn } from './confidence.ts';
import { hostEvidence } from './host-evidence.ts';
import type { Normal } from './normal.ts';
import { type Part, sharesOf } from './problems.ts';
import type { Tree } from './tree.ts';

/** A part of the run's time that is to blame. */
export interface Blamed {
  readonly part: Part;
  /** What it cost: all of its time, or what it had more than usual. */
  readonly ns: Nanos;
  readonly usualNs?: Nanos;
}

interface Run {
  readonly journey: string;
  readonly wallNs: Nanos;
  readonly steps: readonly StepReport[];
}

/** A second problem is in the sentence when it cost at least this share of the first. */
const SHARES_THE_BLAME = 0.5;

export function blamedVerdict(
  run: Run,
  first: Blamed,
  others: readonly Blamed[],
  tree: Tree,
  normal?: Normal,
): Verdict {
  const { layer, component, cause } = first.part;
  const spans = spansOf(first.part, tree);
  const trust = trustIn(first.part, spans, tree);
  return {
    layer,
    component,
    cause,
    ns: first.ns,
    spanIds: spanIdsOf(first.part),
    sentence: sentenceOf(run, first, others, tree, normal),
    evidence: [
      `${placeOf(first.part, run, tree)}${asSentence(proofOf(first, tree, normal))}${hostEvidence(layer, spans, tree)}`,
      sharedBy(first.part),
      trust.doubt ?? '',
    ]
      .filter(Boolean)
      .join(' '),
    next: nextOf(first, run, tree),
    ...(others.length > 0 && { others: others.map(({ part, ns }) => ({ ...idOf(part), ns })) }),
    ...trust,
    ...(normal && { usual: { runs: normal.runs, wallNs: normal.wall.medianNs, ns: first.usualNs ?? 0 } }),
  };
}

/** A proof may end with a statement, and have its line breaks. */
function asSentence(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' || /[.!?]$/.test(line) ? line : `${line}.`;
}

const idOf = ({ layer, component, cause }: Part) => ({ layer, component, cause });

/** `DNS`, `the database` */
export const nameOf = (layer: Layer): string =>
  layer === 'dns' || layer === 'tcp' || layer === 'tls' ? LAYER_NAME[layer] : `the ${LAYER_NAME[layer]}`;

function sentenceOf(run: Run, first: Blamed, others: readonly Blamed[], tree: Tree, normal?: Normal): string {
  const took = `${run.journey} took ${formatDuration(run.wallNs)}`;
  const second = others.find(({ ns }) => ns >= first.ns * SHARES_THE_BLAME);
  const also = second ? `; ${formatDuration(second.ns)} more is ${whoAndWhat(second, tree)}` : '';
  if (!normal) return `${took}; ${formatDuration(first.ns)} of it is ${whoAndWhat(first, tree)}${also}.`;
  const usually = `usually ${formatDuration(normal.wall.medianNs)}`;
  return `${took} (${usually}); ${formatDuration(first.ns)} more than usual is ${whoAndWhat(first, tree)}${also}.`;
}

/** `DNS: name server ns1.shop.example answered slowly` */
function whoAndWhat(blamed: Blamed, tree: Tree): string {
  const { part } = blamed;
  if (part.layer === 'unknown') return 'time that nobody saw';
  const what = tellingOf(part.cause)?.what(part.component, spansOf(part, tree, part.component), tree);
  return `${nameOf(part.layer)}: ${what ?? longer(blamed)}`;
}

/** Work that is nobody's fault by itself: `inventory took 200 ms for its work, usually 20 ms`. */
function longer({ part, usualNs }: Blamed): string {
  const kind = part.cause.split('.').slice(1).join(' ').replaceAll('_', ' ');
  return `${part.component} took ${formatDuration(part.ns)} (${kind}), usually ${formatDuration(usualNs ?? 0)}`;
}

function proofOf({ part, ns, usualNs }: Blamed, tree: Tree, normal?: Normal): string {
  const proof = tellingOf(part.cause)?.proof(spansOf(part, tree), tree);
  if (proof !== undefined || !normal) return proof ?? '';
  return `${part.cause} had ${formatDuration(ns)} more than the ${formatDuration(usualNs ?? 0)} that it has in the middle of ${normal.runs} earlier runs.`;
}

function nextOf({ part }: Blamed, run: Run, tree: Tree): string {
  const next = tellingOf(part.cause)?.next(part.component, spansOf(part, tree, part.component), tree);
  if (next !== undefined) return next;
  const step = stepOf(part, run);
  return `Compare${step ? ` step “${step}”` : ' it'} with an earlier run: what does ${part.component} do now that it did not do then?`;
}

/** `In step “Sign in”, called by accounts: ` */
function placeOf(part: Part, run: Run, tree: Tree): string {
  const step = stepOf(part, run);
  const caller = callerOf(part, tree);
  const parts = [step && `in step “${step}”`, caller && `called by ${caller}`].filter(Boolean).join(', ');
  return parts === '' ? '' : `${parts[0]!.toUpperCase()}${parts.slice(1)}: `;
}

/** The step in which it had most of its time. */
function stepOf({ layer, cause, component }: Part, { steps }: Run): string | undefined {
  const isIt = (entry: LedgerEntry) =>
    entry.layer === layer && entry.cause === cause && entry.component === component;
  const nsIn = ({ ledger }: StepReport) => ledger.reduce((sum, e) => sum + (isIt(e) ? e.ns : 0), 0);
  return steps
    .map((step) => ({ name: step.name, ns: nsIn(step) }))
    .reduce<{ name?: string; ns: Nanos }>((most, step) => (step.ns > most.ns ? step : most), { ns: 0 }).name;
}

/** The nearest service above the guilty span. */
function callerOf(part: Part, tree: Tree): string | undefined {
  if (part.layer !== 'db') return undefined;
  const [first] = spanIdsOf(part);
  for (let at = tree.spanById.get(first ?? ''); at; at = tree.parentOf(at))
    if (at.layer === 'service') return at.component;
  return undefined;
}

/** What another component has of it is said from this share on. */
const WORTH_SHARING = 0.1;

/** `web-2 has 140 ms of it.` */
function sharedBy(part: Part): string {
  const others = sharesOf(part.entries).filter(({ component }) => component !== part.component);
  const told = others.filter(({ ns }) => ns >= part.ns * WORTH_SHARING).slice(0, 3);
  return told.map(({ component, ns }) => `${component} has ${formatDuration(ns)} of it.`).join(' ');
}

/** Those of one component first when it is named, each part's most time first. */
function spanIdsOf(part: Part, component = part.component): string[] {
  const mine = part.entries.filter((entry) => entry.component === component);
  const others = part.entries.filter((entry) => entry.component !== component);
  return [...new Set([...mine, ...others].flatMap((entry) => entry.spanIds))];
}

/** @param component only its spans; all of the part's when missing */
function spansOf(part: Part, tree: Tree, component?: string): Span[] {
  const ids =
    component === undefined
      ? spanIdsOf(part)
      : part.entries.filter((entry) => entry.component === component).flatMap((entry) => entry.spanIds);
  return ids.flatMap((spanId) => tree.spanById.get(spanId) ?? []);
}
