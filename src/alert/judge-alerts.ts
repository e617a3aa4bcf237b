/** From what the judging parts say now, and the alerts of before: the alerts of now, and what has to be told. */
import type { Acknowledgement, Alert, Silence } from '../model/alert.ts';
import type { Signal } from '../model/signal.ts';
import { byGroup } from './group.ts';
import { type AlertRules, stepAlert } from './step.ts';
import { type Notice, noticeOf } from './tell.ts';

/** A journey that was looked at, whether or not anything was wrong with it. */
export type JudgedJourney = Pick<Signal, 'journey' | 'site'>;

export interface AlertSituation {
  /** Those that fire, and of each group the one that was over last. */
  readonly alerts: readonly Alert[];
  readonly silences: readonly Silence[];
  /** By the alert's id. */
  readonly acknowledgements: ReadonlyMap<string, Acknowledgement>;
  readonly rules: AlertRules;
}

export interface AlertNews {
  readonly signals: readonly Signal[];
  /** What of the signals of other journeys is unknown: they stay as they are. */
  readonly judged: readonly JudgedJourney[];
  readonly nowUnixMs: number;
}

export interface JudgedAlerts {
  /** The last one of each group. */
  readonly alerts: readonly Alert[];
  /** By group; each alert in them is also in `alerts`. */
  readonly notices: readonly Notice[];
}

export function judgeAlerts(
  situation: AlertSituation,
  { signals, judged, nowUnixMs }: AlertNews,
): JudgedAlerts {
  const last = lastByGroup(situation.alerts);
  const fresh = byGroup(signals);
  const names = new Set([...judged, ...signals].map(nameOf));
  const isJudged = (signal: Signal) => names.has(nameOf(signal));
  const alerts: Alert[] = [];
  const notices: Notice[] = [];
  for (const group of [...new Set([...last.keys(), ...fresh.keys()])].sort()) {
    const judgement = { signals: fresh.get(group) ?? new Map(), isJudged, nowUnixMs };
    const alert = stepAlert(group, last.get(group), judgement, situation.rules);
    if (!alert) continue;
    const acknowledged = situation.acknowledgements.get(alert.id);
    const notice = noticeOf(alert, { silences: situation.silences, acknowledged, nowUnixMs });
    alerts.push(notice?.alert ?? alert);
    if (notice) notices.push(notice);
  }
  return { alerts, notices };
}

const nameOf = ({ journey, site }: JudgedJourney): string => JSON.stringify([journey, site]);

function lastByGroup(alerts: readonly Alert[]): Map<string, Alert> {
  const last = new Map<string, Alert>();
  for (const alert of alerts) {
    const other = last.get(alert.group);
    if (!other || isLater(alert, other)) last.set(alert.group, alert);
  }
  return last;
}

/** One that fires is always the last. */
function isLater(a: Alert, b: Alert): boolean {
  if ((a.resolvedUnixMs === null) !== (b.resolvedUnixMs === null)) return a.resolvedUnixMs === null;
  return a.firedUnixMs > b.firedUnixMs || (a.firedUnixMs === b.firedUnixMs && a.id > b.id);
}
