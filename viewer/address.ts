/**
 * What is on screen, in the address, so that a link shows what its sender saw.
 *
 *   /run/TRACE_ID         one run
 *     ?sel=SPAN_ID        selected span (~SPAN_ID: the group that begins with it)
 *     &t=START-END        window, ns since the trace's origin
 *     &q=WORDS            search
 *     &layer=db           pinned layer of the ledger
 *     &path=1             critical path only
 *     &raw=1              times as reported, before clocks were aligned
 *     &rows=lanes         rows are lanes of layers, not the tree
 *     &panel=0            nothing stands beside the rows
 */
import { isLayer, type Layer } from '../src/model/layer.ts';
import type { TimeWindow } from './waterfall/time-window.ts';

export interface RunAddress {
  readonly traceId: string;
  readonly selected?: string;
  readonly window?: TimeWindow;
  readonly query?: string;
  readonly layer?: Layer;
  readonly criticalOnly?: boolean;
  readonly reported?: boolean;
  readonly byLayer?: boolean;
  readonly panelClosed?: boolean;
}

const RUN_PATH = /^\/run\/([0-9a-f]{4,32})\/?$/i;
const WINDOW = /^(-?\d{1,16})-(-?\d{1,16})$/;

/** Undefined for an address of another screen. What cannot be read of a query is left out. */
export function parseRunAddress(path: string, query: URLSearchParams): RunAddress | undefined {
  const traceId = RUN_PATH.exec(path)?.[1]?.toLowerCase();
  if (!traceId) return undefined;
  const layer = query.get('layer');
  return {
    traceId,
    selected: query.get('sel') ?? undefined,
    window: parseWindow(query.get('t')),
    query: query.get('q') ?? undefined,
    layer: isLayer(layer) ? layer : undefined,
    criticalOnly: query.get('path') === '1',
    reported: query.get('raw') === '1',
    byLayer: query.get('rows') === 'lanes',
    panelClosed: query.get('panel') === '0',
  };
}

function parseWindow(text: string | null): TimeWindow | undefined {
  const match = WINDOW.exec(text ?? '');
  if (!match) return undefined;
  const [startNs, endNs] = [Number(match[1]), Number(match[2])];
  return endNs > startNs ? { startNs, endNs } : undefined;
}

export function formatRunAddress(address: RunAddress): string {
  const query = new URLSearchParams();
  if (address.selected) query.set('sel', address.selected);
  if (address.window)
    query.set('t', `${Math.round(address.window.startNs)}-${Math.round(address.window.endNs)}`);
  if (address.query) query.set('q', address.query);
  if (address.layer) query.set('layer', address.layer);
  if (address.criticalOnly) query.set('path', '1');
  if (address.reported) query.set('raw', '1');
  if (address.byLayer) query.set('rows', 'lanes');
  if (address.panelClosed) query.set('panel', '0');
  const text = query.toString();
  return `/run/${address.traceId}${text ? `?${text}` : ''}`;
}
