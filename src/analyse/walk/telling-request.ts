/** Which request of a run tells most: the one that goes through many layers, and for which the run waited long. */
import { LAYERS, type Layer } from '../../model/layer.ts';
import type { RunView } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { WalkRequest } from '../../model/walk.ts';
import { enclosing, type Tree, typeOf } from '../tree.ts';
import { named } from './words.ts';

export interface Candidates {
  readonly chosen: WalkRequest;
  /** Most telling first, the chosen one not among them. */
  readonly others: readonly WalkRequest[];
  readonly ofVerdict: WalkRequest | undefined;
  /** How many requests there were to choose from. */
  readonly count: number;
  readonly wasAsked: boolean;
}

/** @param asked span id of a request, or of anything inside one */
export function candidatesOf(view: RunView, tree: Tree, asked?: string): Candidates {
  const waited = waitedFor(view, tree);
  const candidates = [...waited].sort((a, b) => weight(b) - weight(a) || a.startNs - b.startNs);
  const named = asked === undefined ? undefined : tree.spanById.get(asked);
  const askedFor = named && requestOf(named, tree);
  const chosen =
    (askedFor && (candidates.find(isOf(askedFor)) ?? requestAlone(askedFor))) ??
    candidates[0] ??
    requestAlone(longestRequest(tree) ?? tree.root);
  const guilty = view.report.verdict.spanIds.flatMap((id) => tree.spanById.get(id) ?? []);
  const guiltyRequest = guilty.map((span) => requestOf(span, tree)).find((span) => span !== undefined);
  return {
    chosen,
    others: candidates.filter((other) => other.spanId !== chosen.spanId),
    ofVerdict: guiltyRequest && (candidates.find(isOf(guiltyRequest)) ?? requestAlone(guiltyRequest)),
    count: countRequests(tree) || candidates.length,
    wasAsked: askedFor !== undefined,
  };
}

const isOf = (span: Span) => (candidate: WalkRequest) => candidate.spanId === span.spanId;

/**
 * Layers count twice: a page that was looked up, connected and answered by a database tells more than a picture that
 * took a little longer.
 */
const weight = ({ layers, waitedNs }: WalkRequest): number => layers.length ** 2 * waitedNs;

/** The browser's request around a span; where no browser was watched, the outermost server's span. */
export function requestOf(span: Span, tree: Tree): Span | undefined {
  const request = enclosing(tree, span, 'request');
  if (request) return request;
  let outermost: Span | undefined;
  for (let at: Span | undefined = span; at; at = tree.parentOf(at))
    if (at.kind === 'server' || at.kind === 'consumer' || typeOf(at) === 'proxy') outermost = at;
  return outermost;
}

/** The requests that the run waited for, with how long and in which layers: from the critical path. */
function waitedFor({ path }: RunView, tree: Tree): WalkRequest[] {
  const found = new Map<Span, { layers: Set<Layer>; waitedNs: Nanos }>();
  const requests = new Map<string, Span | undefined>();
  for (const { spanId, layer, startNs, endNs } of path) {
    const span = tree.spanById.get(spanId);
    if (!requests.has(spanId)) requests.set(spanId, span && requestOf(span, tree));
    const request = requests.get(spanId);
    if (!request) continue;
    const known = found.get(request) ?? { layers: new Set<Layer>(), waitedNs: 0 };
    found.set(request, known);
    known.layers.add(layer);
    known.waitedNs += endNs - startNs;
  }
  return [...found].map(([span, { layers, waitedNs }]) => ({
    ...identityOf(span),
    layers: LAYERS.filter((layer) => layers.has(layer)),
    waitedNs,
  }));
}

const identityOf = ({ spanId, name, startNs, endNs }: Span) => ({
  spanId,
  name: named(name),
  startNs,
  endNs,
});
const requestAlone = (span: Span): WalkRequest => ({
  ...identityOf(span),
  layers: [span.layer],
  waitedNs: 0,
});

const requestsIn = (tree: Tree): Span[] => tree.spans.filter((span) => typeOf(span) === 'request');
const countRequests = (tree: Tree): number => requestsIn(tree).length;

function longestRequest(tree: Tree): Span | undefined {
  let longest: Span | undefined;
  for (const span of requestsIn(tree))
    if (!longest || span.endNs - span.startNs > longest.endNs - longest.startNs) longest = span;
  return longest;
}
