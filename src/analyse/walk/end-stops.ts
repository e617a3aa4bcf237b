/** First and last stop: where the time of the whole run went, and what the walk adds up to. */
import { LAYER_NAME, LAYERS, type Layer } from '../../model/layer.ts';
import type { LedgerEntry } from '../../model/report.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import type { Drawing, Unseen, WalkStop } from '../../model/walk.ts';
import { counted } from '../causes/amounts.ts';
import type { Scene, StopDraft } from './scene.ts';
import { listed, named, shareOf } from './words.ts';

export function overviewStop(scene: Scene, stops: number): StopDraft {
  const { view, candidates, step, request } = scene;
  const { report } = view;
  const layers = layerTimes(report.ledger);
  const [most, second] = layers.filter(({ layer }) => layer !== 'think').toSorted((a, b) => b.ns - a.ns);
  return {
    title: 'Where the time of this run went',
    sentences: [
      `This run of ${named(report.journey)} ${report.status === 'failed' ? 'failed after' : 'took'} ${formatDuration(report.wallNs)}${candidates.count > 0 ? `, with ${counted(candidates.count, 'request')}` : ''}.`,
      most &&
        `Most of it, ${formatDuration(most.ns)} (${shareOf(most.ns, report.wallNs)}), was ${inWords(most.layer)}${second ? `; then came ${inWords(second.layer)} with ${formatDuration(second.ns)}` : ''}.`,
      `This is a walk along one request, ${named(request.name)}${step ? ` of the step “${named(step.name)}”` : ''}, ${whyChosen(scene)}.`,
      `On the next ${stops === 1 ? 'stop' : `${stops} stops`} you go with it, from where it was asked for to where its answer was used.`,
    ],
    drawing: {
      kind: 'shares',
      shares: layers.map(({ layer, ns }) => ({ name: LAYER_NAME[layer], layer, ns })),
    },
    about: [],
  };
}

function whyChosen({ candidates, view }: Scene): string {
  const { chosen, wasAsked } = candidates;
  if (wasAsked) return 'which you chose';
  if (chosen.waitedNs === 0) return 'though the run did not wait for it: no request was waited for';
  const layers = listed(
    chosen.layers.map((layer) => LAYER_NAME[layer]),
    LAYERS.length,
  );
  return `chosen because it tells most: the run waited ${formatDuration(chosen.waitedNs)} for it (${shareOf(chosen.waitedNs, view.report.wallNs)}), in ${counted(chosen.layers.length, 'layer')} (${layers})`;
}

/** In the order of the layers. */
function layerTimes(ledger: readonly LedgerEntry[]): { layer: Layer; ns: Nanos }[] {
  return LAYERS.map((layer) => ({
    layer,
    ns: ledger.reduce((sum, entry) => (entry.layer === layer ? sum + entry.ns : sum), 0),
  })).filter(({ ns }) => ns > 0);
}

const PLAIN: Readonly<Record<Layer, string>> = {
  browser: 'the browser',
  dns: 'DNS (finding addresses)',
  tcp: 'TCP (making connections)',
  tls: 'TLS (agreeing on keys)',
  network: 'the network (being on the way)',
  lb: 'the load balancer',
  service: 'the services (the site’s programs)',
  db: 'the database',
  think: 'time to think',
  unknown: 'time that nobody saw',
};
const inWords = (layer: Layer): string => PLAIN[layer];

export function sumStop(scene: Scene, stops: readonly WalkStop[], unseen: readonly Unseen[]): StopDraft {
  const { view, request, candidates } = scene;
  const { verdict } = view.report;
  const parts = stops.filter(({ kind, ns }) => ns > 0 && kind !== 'start' && kind !== 'page');
  const [most] = parts.toSorted((a, b) => b.ns - a.ns);
  const wholeNs = request.endNs - request.startNs;
  const elsewhere = candidates.ofVerdict && candidates.ofVerdict.spanId !== candidates.chosen.spanId;
  return {
    title: 'What it adds up to',
    sentences: [
      `${named(request.name)} took ${formatDuration(wholeNs)}, and the stops of this walk add up to exactly that${most ? `; the largest part, ${formatDuration(most.ns)} (${shareOf(most.ns, wholeNs)}), was “${most.name}”` : ''}.`,
      `The verdict on the whole run: ${sentence(named(verdict.sentence, 400))}`,
      verdict.evidence &&
        !verdict.sentence.includes(verdict.evidence) &&
        sentence(named(verdict.evidence, 400)),
      elsewhere &&
        `That is about another request, ${named(candidates.ofVerdict?.name ?? '')}, not the one of this walk.`,
      unseen.length > 0 &&
        `Not seen in this run: ${listed(
          unseen.map(({ layer }) => LAYER_NAME[layer]),
          LAYERS.length,
        )}.`,
    ],
    drawing: sumDrawing(parts),
    shown: scene.tree.spanById.get(verdict.spanIds[0] ?? '') ?? request,
    about: [],
  };
}

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`);

const sumDrawing = (parts: readonly WalkStop[]): Drawing => ({
  kind: 'shares',
  shares: parts.map(({ name, layer, ns }) => ({ name, layer: layer ?? 'unknown', ns })),
});
