/** Alerts as lists show them: what fires first, the gravest and oldest of it on top. */
import type { Acknowledgement, Alert, AlertRow, AlertState, Silence } from '../model/alert.ts';
import { byWeight, journeysOf, severityOf, sinceOf, telling } from './members.ts';
import { headlineOf } from './message.ts';
import { audible } from './silence.ts';

export interface AlertsKept {
  readonly alerts: readonly Alert[];
  readonly acknowledgements: ReadonlyMap<string, Acknowledgement>;
  readonly silences: readonly Silence[];
}

const ORDER: readonly AlertState[] = ['firing', 'acknowledged', 'silenced', 'resolved'];

export function alertRows(kept: AlertsKept, nowUnixMs: number): AlertRow[] {
  const rows = kept.alerts.map((alert) => rowOf(alert, kept, nowUnixMs));
  return rows.sort(
    (a, b) =>
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      (b.resolvedUnixMs ?? 0) - (a.resolvedUnixMs ?? 0) ||
      Number(b.severity === 'page') - Number(a.severity === 'page') ||
      a.sinceUnixMs - b.sinceUnixMs,
  );
}

function rowOf(alert: Alert, { acknowledgements, silences }: AlertsKept, nowUnixMs: number): AlertRow {
  const members = telling(alert);
  const lead = byWeight(members)[0]!.signal;
  const acknowledged = acknowledgements.get(alert.id);
  const isSilenced = audible(members, silences, nowUnixMs).length === 0;
  const journeys = journeysOf(members);
  return {
    id: alert.id,
    state: stateOf(alert, acknowledged !== undefined, isSilenced),
    severity: alert.told?.severity ?? severityOf(members),
    headline: headlineOf(lead.guilty, journeys, lead.sentence),
    sentence: lead.sentence,
    next: lead.next,
    journeys,
    sinceUnixMs: sinceOf(members),
    resolvedUnixMs: alert.resolvedUnixMs,
    ...(acknowledged && { acknowledgedBy: acknowledged.by ?? 'somebody' }),
    ...(lead.traceId !== undefined && { traceId: lead.traceId }),
    ...(lead.usualTraceId !== undefined && { usualTraceId: lead.usualTraceId }),
  };
}

function stateOf(alert: Alert, isAcknowledged: boolean, isSilenced: boolean): AlertState {
  if (alert.resolvedUnixMs !== null) return 'resolved';
  if (isSilenced) return 'silenced';
  return isAcknowledged ? 'acknowledged' : 'firing';
}
