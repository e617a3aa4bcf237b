/**
 * A run against what is usual for its journey. Only parts are known of that: medians by step, layer and cause; no
 * spans. Medians of parts do not add up to the median of the whole, and the rest is told as what it is.
 */
import type { ComparedSide, Comparison, PartChange, StepChange } from '../../model/comparison.ts';
import type { LedgerEntry } from '../../model/report.ts';
import { lastingName } from '../lasting-name.ts';
import { type Normal, type UsualPart, usualParts } from '../normal.ts';
import { partsOf } from '../problems.ts';
import { type ComparableRun, notesOf, sideOf } from './compare.ts';
import { largestFirst, layerChanges } from './parts.ts';
import { sentenceOf } from './sentence.ts';

export function compareWithUsual({ report }: Pick<ComparableRun, 'report'>, normal: Normal): Comparison {
  const usual = usualParts(normal);
  const a = sideOf(report);
  const b = usualSide(a, normal);
  const ofRun = usual.filter(({ step }) => step === null);
  const parts = partsAgainst(report.ledger, ofRun);
  const deltaNs = a.wallNs - b.wallNs;
  return {
    a,
    b,
    deltaNs,
    sentence: sentenceOf(a, b, parts, true),
    notes: notesOf(a, b),
    layers: layerChanges(report.ledger, ofRun.map(asEntry)),
    parts,
    restNs: deltaNs - parts.reduce((sum, part) => sum + part.deltaNs, 0),
    steps: stepsAgainst(report.steps, usual),
    connections: [],
    spans: null,
  };
}

const usualSide = ({ journey }: ComparedSide, { runs, wall }: Normal): ComparedSide => ({
  kind: 'usual',
  traceId: null,
  journey,
  status: 'ok',
  startUnixNano: null,
  wallNs: wall.medianNs,
  sentence: '',
  runs,
});

const asEntry = ({ layer, medianNs }: UsualPart) => ({ layer, ns: medianNs });

/** By layer and cause, whoever had it: which of several servers answers is chance. */
function partsAgainst(ledger: readonly LedgerEntry[], usual: readonly UsualPart[]): PartChange[] {
  const missing = new Map(usual.map((part) => [`${part.layer}\u0000${part.cause}`, part]));
  const changes = partsOf(ledger).map((part): PartChange => {
    const key = `${part.layer}\u0000${part.cause}`;
    const bNs = missing.get(key)?.medianNs ?? 0;
    missing.delete(key);
    const inferredNs = part.entries.reduce(
      (sum, { ns, evidence }) => sum + (evidence === 'inferred' ? ns : 0),
      0,
    );
    return {
      layer: part.layer,
      component: lastingName(part.component),
      cause: part.cause,
      aNs: part.ns,
      bNs,
      deltaNs: part.ns - bNs,
      aInferred: inferredNs > 0 && inferredNs * 2 >= part.ns,
      bInferred: false,
      aSpanId: part.entries[0]?.spanIds[0] ?? null,
      bSpanId: null,
    };
  });
  for (const { layer, cause, medianNs } of missing.values())
    if (medianNs > 0) changes.push(gone(layer, cause, medianNs));
  return changes.sort(largestFirst);
}

const gone = (layer: PartChange['layer'], cause: string, medianNs: number): PartChange => ({
  layer,
  component: 'earlier runs',
  cause,
  aNs: 0,
  bNs: medianNs,
  deltaNs: -medianNs,
  aInferred: false,
  bInferred: false,
  aSpanId: null,
  bSpanId: null,
});

/** Steps of one name are one: so they were counted. */
function stepsAgainst(steps: ComparableRun['report']['steps'], usual: readonly UsualPart[]): StepChange[] {
  const names = [...new Set(steps.map(({ name }) => name))];
  const known = new Set(usual.flatMap(({ step }) => step ?? []));
  const all = [...names, ...[...known].filter((name) => !names.includes(name))];
  return all.map((name) => {
    const own = steps.filter((step) => step.name === name);
    const medians = usual.filter(({ step }) => step === name).map(asEntry);
    const aNs = own.reduce((sum, { wallNs }) => sum + wallNs, 0);
    const bNs = medians.reduce((sum, { ns }) => sum + ns, 0);
    const kind = own.length === 0 ? 'removed' : known.has(name) ? 'both' : 'added';
    const layers = layerChanges(
      own.flatMap(({ ledger }) => ledger),
      medians,
    );
    return { name, kind, aNs, bNs, deltaNs: aNs - bNs, layers };
  });
}
