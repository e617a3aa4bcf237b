/** A run's wall time as one bar in the colours of its layers, and the same in words. */
import { LAYER_NAME, LAYERS } from '../../src/model/layer.ts';
import type { RunSummary } from '../../src/model/report.ts';
import { formatDuration } from '../../src/model/time.ts';
import { el } from '../element.ts';

/** Per cent of the scale below which a bar could not be seen. */
const LEAST_SHARE = 2;

export function layersInWords(layers: RunSummary['layers']): string {
  return LAYERS.filter((layer) => (layers[layer] ?? 0) > 0)
    .map((layer) => `${LAYER_NAME[layer]} ${formatDuration(layers[layer] ?? 0)}`)
    .join(', ');
}

/** A run, or a step of one. */
type Barred = Pick<RunSummary, 'layers' | 'wallNs' | 'status'>;

/** @param scaleNs what the full width means, the same for all bars of a list */
export function layerBar({ layers, wallNs, status }: Barred, scaleNs: number): HTMLElement {
  const words = layersInWords(layers);
  const pieces = LAYERS.filter((layer) => (layers[layer] ?? 0) > 0).map((layer) =>
    el('i', { 'data-layer': layer, class: 'entry', style: { 'flex-grow': String(layers[layer] ?? 0) } }),
  );
  const share = status === 'running' ? 0 : Math.max(LEAST_SHARE, (wallNs / scaleNs) * 100);
  return el(
    'span',
    { class: 'ledger-cell', role: 'img', 'aria-label': words || 'no ledger yet', title: words },
    el('span', { class: 'mini-ledger', style: { width: `${share}%` } }, ...pieces),
  );
}
