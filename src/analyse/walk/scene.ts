/** What every stop can look at: the run, the request that is followed, its connection and its step. */
import { HEADWATER } from '../../model/attributes.ts';
import type { PathPiece, RunView, StepReport } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Drawing, StopKind, WalkPiece, WalkRequest } from '../../model/walk.ts';
import type { Segment } from '../segment.ts';
import { spansOfType, type Tree, typeOf } from '../tree.ts';
import type { Cut } from './pieces.ts';
import type { Candidates } from './telling-request.ts';
import { named, textOf } from './words.ts';

export interface Scene {
  readonly view: RunView;
  readonly tree: Tree;
  /** Span of the request that is followed. */
  readonly request: Span;
  readonly candidates: Candidates;
  readonly cut: Cut;
  readonly step: StepReport | undefined;
  /** The run's path from the step's start to the request, and from the request to the step's end. */
  readonly before: readonly PathPiece[];
  readonly after: readonly PathPiece[];
  readonly connection: Connection | undefined;
}

export interface Connection {
  readonly span: Span;
  readonly payer: Span | undefined;
  /** All its requests by start, the payer among them. */
  readonly requests: readonly Span[];
}

/** What a stop is made of, before it is known where it lies on the walk. */
export interface StopDraft {
  readonly title: string;
  readonly sentences: readonly (string | false | undefined)[];
  readonly drawing?: Drawing | undefined;
  /** What the waterfall selects; the longest of the stop's own where it is not said. */
  readonly shown?: Span | undefined;
  /** Beside the stop's own pieces: what it tells of. */
  readonly about?: readonly Span[];
}

export type StopMaker = (scene: Scene, own: readonly Segment[]) => StopDraft | undefined;
export type StopMakers = Readonly<Record<StopKind, StopMaker>>;

export function setScene(view: RunView, tree: Tree, candidates: Candidates, request: Span, cut: Cut): Scene {
  const step = stepOf(view, request);
  const stepEndNs = step ? step.startNs + step.wallNs : request.endNs;
  return {
    view,
    tree,
    request,
    candidates,
    cut,
    step,
    before: clip(view.path, step?.startNs ?? request.startNs, request.startNs),
    after: clip(view.path, request.endNs, stepEndNs),
    connection: connectionOf(request, tree),
  };
}

const stepOf = ({ report }: RunView, request: Span): StepReport | undefined =>
  report.steps.find(
    ({ startNs, wallNs }) => startNs <= request.startNs && request.startNs < startNs + wallNs,
  );

/** The pieces of a path between two instants. */
function clip(path: readonly PathPiece[], fromNs: Nanos, toNs: Nanos): PathPiece[] {
  return path
    .filter((piece) => piece.endNs > fromNs && piece.startNs < toNs)
    .map((piece) => ({
      ...piece,
      startNs: Math.max(piece.startNs, fromNs),
      endNs: Math.min(piece.endNs, toNs),
    }));
}

function connectionOf(request: Span, tree: Tree): Connection | undefined {
  const span = tree.spanById.get(textOf(request, HEADWATER.connection) ?? '') ?? linking(request, tree);
  if (!span || typeOf(span) !== 'connection') return undefined;
  const payer = tree.spanById.get(textOf(span, HEADWATER.paidBy) ?? '');
  const linked = span.links.flatMap(({ spanId }) => tree.spanById.get(spanId) ?? []);
  const requests = [...new Set([...(payer ? [payer] : []), ...linked, request])]
    .filter((each) => typeOf(each) === 'request')
    .sort((a, b) => a.startNs - b.startNs);
  return { span, payer, requests };
}

const linking = (request: Span, tree: Tree): Span | undefined =>
  spansOfType(tree, 'connection').find(
    ({ links, attributes }) =>
      attributes[HEADWATER.paidBy] === request.spanId ||
      links.some(({ spanId }) => spanId === request.spanId),
  );

/** The host in the address of the request, as people type it. */
export function hostOf({ request }: Pick<Scene, 'request'>): string {
  const host = textOf(request, 'server.address') ?? hostInUrl(textOf(request, 'url.full'));
  return host === undefined ? 'the server' : named(host);
}

const hostInUrl = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : /^[a-z]+:\/\/(?:[^@/]*@)?([^/:?#]+)/i.exec(url.slice(0, 500))?.[1];

/** What a segment says of time, for screens. */
export const withEvidence = ({ startNs, endNs, span }: Segment): WalkPiece => ({
  startNs,
  endNs,
  evidence: span.evidence,
});

/** Spans of a stop's own segments, once each, in the order of time. */
export const spansIn = (own: readonly Segment[]): Span[] => [...new Set(own.map(({ span }) => span))];

/** All below a span, itself first, in the order of the tree. */
export function* below(span: Span, tree: Tree): Generator<Span> {
  const waiting = [span];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    yield at;
    waiting.push(...[...tree.childrenOf(at)].reverse());
  }
}

/** The request itself where its own set-up is told; another one where it waited for somebody else's. */
export function ownerOf(spans: readonly Span[], { request, tree }: Scene): Span {
  for (const span of spans)
    for (let at: Span | undefined = span; at; at = tree.parentOf(at)) if (typeOf(at) === 'request') return at;
  return request;
}

export const nameOf = (request: WalkRequest | Span): string => named(request.name);
