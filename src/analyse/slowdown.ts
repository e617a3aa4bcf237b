/**
 * A run that was slower than usual while no part of it is to blame: one quiet sentence on where the time went, and on
 * what the machine that observed it says of itself.
 */
import type { Layer } from '../model/layer.ts';
import type { LedgerEntry, Verdict } from '../model/report.ts';
import { formatDuration, type Nanos } from '../model/time.ts';
import { type Crowd, crowdIn } from './causes/crowd.ts';
import { isObserver } from './causes/observer.ts';
import { paceOf, plainWorkIn, typicalPart } from './excess.ts';
import { busyNs, type Normal } from './normal.ts';
import { partsOf } from './problems.ts';
import { excessOf } from './surprise.ts';
import { nameOf } from './tell-blamed.ts';
import type { Tree } from './tree.ts';

interface Run {
  readonly journey: string;
  readonly wallNs: Nanos;
  readonly ledger: readonly LedgerEntry[];
}

/** From this share on, most of it went there. */
const MOSTLY = 0.5;
/** As many parts and layers are named, with what they had more: the others are small. */
const NAMED = 3;
/** All work took this many times as long: a machine with too much to do. Quiet runs differ by less. */
const SLOW_PACE = 1.2;

interface More extends Pick<LedgerEntry, 'layer' | 'component' | 'cause'> {
  /** Than usual. */
  readonly ns: Nanos;
}

/** @returns undefined when the run was no slower than chance makes it */
export function slowdownOf(
  run: Run,
  tree: Tree,
  normal: Normal,
): Pick<Verdict, 'sentence' | 'evidence' | 'next'> | undefined {
  const moreNs = excessOf(busyNs(run), normal.busy);
  if (moreNs === 0) return undefined;
  const longer = longerParts(run, normal);
  const crowd = crowdIn(tree.root, tree);
  const reason = reasonOf(crowd, paceOf(plainWorkIn(run), normal));
  const took = `${run.journey} took ${formatDuration(run.wallNs)}, ${formatDuration(moreNs)} more than usual`;
  return {
    sentence: `${took}, ${whereTo(longer, moreNs, reason !== '')}${reason}.`,
    evidence: `${partsTold(longer)} No part of it alone explains the slowdown.${crowd ? crowdTold(crowd) : ''}`,
    next: crowd
      ? 'Run it again when the machine that observes has less to do: on a busy one, its own work hides the site’s.'
      : 'Run it again: when it stays so, the journey’s history shows since when, and what moved.',
  };
}

/** Most first. */
function longerParts({ ledger }: Run, normal: Normal): More[] {
  return partsOf(ledger)
    .filter(({ layer }) => layer !== 'think')
    .map((part) => ({ ...part, ns: part.ns - typicalPart(part, normal).medianNs }))
    .filter(({ ns }) => ns > 0)
    .sort((a, b) => b.ns - a.ns);
}

function whereTo(longer: readonly More[], moreNs: Nanos, isExplained: boolean): string {
  const observedNs = sumOf(longer.filter(({ cause }) => isObserver(cause)));
  if (observedNs >= moreNs * MOSTLY)
    return `most of it (${formatDuration(Math.min(observedNs, moreNs))}) for the observation itself; no part of the site stands out`;
  const [first] = longer;
  if (first && first.ns >= moreNs * MOSTLY && !isExplained)
    return `most of it (${formatDuration(Math.min(first.ns, moreNs))}) in ${first.cause} of ${first.component}, which may be chance; nothing else stands out`;
  return `spread over ${layersIn(longer)}; no single part stands out`;
}

function layersIn(longer: readonly More[]): string {
  const nsOf = new Map<Layer, Nanos>();
  for (const { layer, ns } of longer) nsOf.set(layer, (nsOf.get(layer) ?? 0) + ns);
  const most = [...nsOf].sort((a, b) => b[1] - a[1]).slice(0, NAMED);
  return listed(most.map(([layer]) => (layer === 'unknown' ? 'time that nobody saw' : nameOf(layer))));
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

const sumOf = (longer: readonly More[]): Nanos => longer.reduce((sum, { ns }) => sum + ns, 0);

/** Empty when nothing says why. */
function reasonOf(crowd: Crowd | undefined, pace: number): string {
  if (crowd) return ': the machine was busy';
  return pace >= SLOW_PACE ? `: all work took about ${pace.toFixed(1)} times as long` : '';
}

/** `What was longer: browser.polling by 165 ms, browser.automation by 67 ms.` */
const partsTold = (longer: readonly More[]): string =>
  `What was longer: ${longer
    .slice(0, NAMED)
    .map(({ cause, ns }) => `${cause} by ${formatDuration(ns)}`)
    .join(', ')}.`;

const crowdTold = ({ host, busyPercent }: Crowd): string =>
  ` The CPUs of ${host}, where the browser ran, were busy during ${Math.round(busyPercent)} % of the run.`;
