/**
 * Builds the walkthrough of a run: chooses the request that tells most, cuts it into stops, and lets each stop speak.
 *
 *   view → candidates (telling-request.ts) → cut (pieces.ts) → a draft a stop (…-stop.ts) → stops with name and guide
 */
import type { RunView } from '../../model/report.ts';
import {
  STOP_KINDS,
  type StopKind,
  type Unseen,
  type Walk,
  type WalkPiece,
  type WalkStop,
} from '../../model/walk.ts';
import type { Segment } from '../segment.ts';
import { treeOf } from '../tree.ts';
import { reuseStop, tcpStop, tlsStop } from './connection-stops.ts';
import { databaseStop } from './database-stop.ts';
import { overviewStop, sumStop } from './end-stops.ts';
import { backStop, cacheStop, queueStop, sendStop, waitStop } from './line-stops.ts';
import { nameStop } from './name-stop.ts';
import { pageStop, startStop } from './page-stops.ts';
import { cutRequest } from './pieces.ts';
import { GUIDE } from './risks.ts';
import { type Scene, type StopDraft, type StopMaker, setScene, spansIn, withEvidence } from './scene.ts';
import { balancerStop, poolStop, serviceStop } from './server-stops.ts';
import { candidatesOf } from './telling-request.ts';
import { total } from './words.ts';

/** Others to walk along, offered beside the chosen one. */
const OTHERS_OFFERED = 8;

type MiddleKind = Exclude<StopKind, 'overview' | 'sum'>;
const MAKERS: Readonly<Record<MiddleKind, StopMaker>> = {
  start: startStop,
  queue: queueStop,
  dns: nameStop,
  tcp: tcpStop,
  tls: tlsStop,
  reuse: reuseStop,
  cache: cacheStop,
  send: sendStop,
  lb: balancerStop,
  service: serviceStop,
  pool: poolStop,
  db: databaseStop,
  wait: waitStop,
  back: backStop,
  page: pageStop,
};
const MIDDLE = STOP_KINDS.filter((kind): kind is MiddleKind => kind !== 'overview' && kind !== 'sum');

/** @param asked span id of the request to walk along, or of a span inside it; the most telling one when missing */
export function walkOf(view: RunView, asked?: string): Walk {
  const tree = treeOf(view.trace, view.lanes);
  const candidates = candidatesOf(view, tree, asked);
  const request = tree.spanById.get(candidates.chosen.spanId) ?? tree.root;
  const scene = setScene(view, tree, candidates, request, cutRequest(tree, request));
  const { report } = view;
  const unseen = report.coverage.flatMap(({ layer, sources, hint }): Unseen[] =>
    sources.length === 0 ? [{ layer, hint: hint ?? 'Nothing is known that would reveal it.' }] : [],
  );
  const middle = asItHappened(MIDDLE.flatMap((kind) => middleStop(kind, scene) ?? []));
  const root = tree.root;
  const { ofVerdict, chosen, others } = candidates;
  return {
    traceId: report.traceId,
    journey: report.journey,
    status: report.status,
    startUnixNano: report.startUnixNano,
    startNs: root.startNs,
    wallNs: report.wallNs,
    request: chosen,
    ...(ofVerdict && ofVerdict.spanId !== chosen.spanId && { verdictRequest: ofVerdict }),
    others: others.slice(0, OTHERS_OFFERED),
    stops: [
      endStop('overview', overviewStop(scene, middle.length), report.verdict.next, []),
      ...middle,
      endStop('sum', sumStop(scene, middle, unseen), report.verdict.next, unseen),
    ],
    unseen,
  };
}

/** A browser may queue a request before it looks the name up, or after the handshake: these four lie as they happened. */
const AS_IT_HAPPENED: ReadonlySet<StopKind> = new Set<StopKind>(['queue', 'dns', 'tcp', 'tls']);

function asItHappened(stops: readonly WalkStop[]): WalkStop[] {
  const firstNs = ({ pieces }: WalkStop) => pieces[0]?.startNs ?? 0;
  const setup = stops.filter(({ kind }) => AS_IT_HAPPENED.has(kind)).sort((a, b) => firstNs(a) - firstNs(b));
  return stops.map((stop) => (AS_IT_HAPPENED.has(stop.kind) ? setup.shift()! : stop));
}

function middleStop(kind: MiddleKind, scene: Scene): WalkStop | undefined {
  const own = scene.cut.get(kind) ?? [];
  if (!isThere(kind, own, scene)) return undefined;
  const draft = MAKERS[kind](scene, own);
  if (!draft) return undefined;
  const pieces = piecesOf(kind, own, scene);
  const { name, layer, risks, look } = GUIDE[kind];
  const shown = draft.shown ?? longestOf(own);
  const guilty = isGuilty(own, draft, scene);
  const { cause } = scene.view.report.verdict;
  return {
    kind,
    name,
    title: draft.title,
    ...(layer && { layer }),
    ns: total(pieces),
    pieces,
    sentences: said(draft),
    risks: risks.map((risk) => (guilty && risk.cause === cause ? { ...risk, happened: true } : risk)),
    look,
    guilty,
    ...(shown && { spanId: shown.spanId }),
    ...(draft.drawing && { drawing: draft.drawing }),
  };
}

/** A stop is there when the request spent time at it; some tell of time beside the request, or of none. */
function isThere(kind: MiddleKind, own: readonly Segment[], { cut, before, after }: Scene): boolean {
  if (kind === 'start') return before.length > 0;
  if (kind === 'page') return after.length > 0;
  if (kind === 'reuse') return !['dns', 'tcp', 'tls', 'cache'].some((paid) => cut.has(paid as StopKind));
  return own.length > 0;
}

const piecesOf = (kind: MiddleKind, own: readonly Segment[], scene: Scene): WalkPiece[] =>
  (kind === 'start' ? scene.before : kind === 'page' ? scene.after : own.map(withEvidence)).map(
    ({ startNs, endNs, evidence }) => ({ startNs, endNs, evidence }),
  );

const said = ({ sentences }: StopDraft): string[] =>
  sentences.filter((sentence): sentence is string => typeof sentence === 'string' && sentence !== '');

const longestOf = (own: readonly Segment[]) =>
  own.toSorted((a, b) => b.endNs - b.startNs - (a.endNs - a.startNs))[0]?.span;

/** The verdict's first span is the worst of them; the stop that spent time in it, or tells of it, is named. */
function isGuilty(own: readonly Segment[], draft: StopDraft, { view }: Scene): boolean {
  const guilty = new Set(view.report.verdict.spanIds);
  if (guilty.size === 0) return false;
  const { layer } = view.report.verdict;
  const hasTime = spansIn(own).some(({ spanId }) => guilty.has(spanId));
  return hasTime || (draft.about ?? []).some((span) => guilty.has(span.spanId) && span.layer === layer);
}

function endStop(
  kind: 'overview' | 'sum',
  draft: StopDraft,
  next: string,
  unseen: readonly Unseen[],
): WalkStop {
  return {
    kind,
    name: GUIDE[kind].name,
    title: draft.title,
    ns: 0,
    pieces: [],
    sentences: said(draft),
    risks: [],
    look: kind === 'sum' ? [next, ...unseen.map(({ hint }) => hint)].filter(Boolean) : [],
    guilty: false,
    ...(draft.shown && { spanId: draft.shown.spanId }),
    ...(draft.drawing && { drawing: draft.drawing }),
  };
}
