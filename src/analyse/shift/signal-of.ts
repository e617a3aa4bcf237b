/** A shift for the alerts. An improvement is nothing to wake anybody for: it gives no signal. */
import { LAYER_NAME } from '../../model/layer.ts';
import type { Shift, ShiftSide } from '../../model/shift.ts';
import type { Severity, Signal } from '../../model/signal.ts';
import { formatDuration } from '../../model/time.ts';
import { tellingOf } from '../causes/index.ts';
import { partInWords } from './sentence.ts';

/** Somebody gets up for a journey that takes longer by this much, and by this share of what it took. */
const PAGE_NS = 1e9;
const PAGE_SHARE = 0.5;

/** @returns undefined for an improvement */
export function signalOf(shift: Shift): Signal | undefined {
  if (shift.direction === 'faster') return undefined;
  const { journey, site, conditions, step, layer, component, cause } = shift;
  const share = shift.share === null ? '' : ` (${Math.round(shift.share * 100)} % of the change)`;
  return {
    kind: 'slower',
    // The layer, not the step or the cause: those become clearer with more runs, and it is the same shift still.
    key: ['slower', journey, site, conditions, layer].join('|'),
    severity: severityOf(shift),
    ...{ journey, site, step },
    guilty: { layer, component, cause },
    sinceUnixMs: shift.sinceUnixMs,
    sentence: shift.sentence,
    evidence: evidenceOf(shift),
    next: nextOf(shift),
    change: `${partInWords(shift)}${share}`,
    traceId: shift.traceId,
    usualTraceId: shift.usualTraceId,
  };
}

function severityOf({ partNs, before }: Shift): Severity {
  return partNs >= PAGE_NS && partNs >= PAGE_SHARE * before.medianNs ? 'page' : 'ticket';
}

function evidenceOf({ layer, step, before, after, p }: Shift): string {
  const side = ({ runs, medianNs, p75Ns }: ShiftSide) =>
    `median ${formatDuration(medianNs)}, p75 ${formatDuration(p75Ns)} in ${runs} runs`;
  const where = step === null ? '' : ` in ${step}`;
  return `${LAYER_NAME[layer]}${where}: ${side(before)} before, ${side(after)} since; by chance once in ${onceIn(p)} (rank test, corrected for all layers of all steps).`;
}

const onceIn = (p: number): string => Math.round(1 / Math.max(p, 1e-9)).toLocaleString('en-US');

function nextOf({ cause, mark, traceId, usualTraceId }: Shift): string {
  const compare = `headwater compare ${traceId.slice(0, 8)} ${usualTraceId.slice(0, 8)}`;
  const first = mark ? `Look at what ${mark.name} changed. ` : '';
  return `${first}${tellingOf(cause) ? 'The newest run names the cause; beside' : 'Beside'} a usual run: ${compare}.`;
}
