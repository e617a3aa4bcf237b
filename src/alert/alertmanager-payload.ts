/**
 * Alerts as Prometheus' Alertmanager takes them: `POST /api/v2/alerts`, https://prometheus.io/docs/alerting/latest/alerts_api.
 * Its labels say which alert it is, so they never change while it fires; everything else is an annotation. What fires is
 * sent again and again with an end in the near future: without news from here Alertmanager ends it by itself.
 */
import type { Alert } from '../model/alert.ts';
import type { AlertMessage } from './message.ts';
import { messageText } from './message-text.ts';

/** As often as Prometheus does (`--rules.alert.resend-delay`). */
export const RESEND_MS = 60_000;
/** Prometheus' four times: three may be lost. */
export const VALID_MS = 4 * RESEND_MS;
/** So long is said that it is over, in case nobody heard it the first time; as Prometheus. */
export const SAY_RESOLVED_MS = 15 * 60_000;

export interface AlertmanagerAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

export interface AlertmanagerOptions {
  /** Of the configuration, on every alert; ours win. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly timeZone?: string;
}

/** One; two when a ticket became a page a short time ago, since the severity is a label and the ticket has to end. */
export function alertmanagerAlerts(
  message: AlertMessage,
  alert: Pick<Alert, 'firedUnixMs' | 'resolvedUnixMs' | 'told'> | undefined,
  nowUnixMs: number,
  options: AlertmanagerOptions = {},
): AlertmanagerAlert[] {
  const startUnixMs = alert?.firedUnixMs ?? message.sinceUnixMs;
  const endUnixMs = alert?.resolvedUnixMs ?? message.resolvedUnixMs ?? nowUnixMs + VALID_MS;
  const one = (severity: string, from: number, until: number): AlertmanagerAlert => ({
    labels: labelsOf({ ...options.labels, ...ownLabels(message), severity }),
    annotations: labelsOf(annotationsOf(message, options.timeZone)),
    startsAt: iso(from),
    endsAt: iso(Math.max(from, until)),
    ...(message.links.run !== null && { generatorURL: message.links.run }),
  });
  const raised = alert?.told?.raisedUnixMs;
  const wasTicket = raised !== undefined && nowUnixMs - raised <= SAY_RESOLVED_MS;
  return [
    one(message.severity, raised ?? startUnixMs, endUnixMs),
    ...(wasTicket ? [one('ticket', startUnixMs, raised)] : []),
  ];
}

function ownLabels({ event, guilty, journeys, sites }: AlertMessage): Record<string, string> {
  if (event === 'test') return { alertname: 'HeadwaterTest' };
  if (guilty)
    return {
      alertname: 'HeadwaterGuiltyPart',
      layer: guilty.layer,
      component: guilty.component,
      cause: guilty.cause,
    };
  return { alertname: 'HeadwaterJourney', journey: journeys[0] ?? '', site: sites[0] ?? '' };
}

const annotationsOf = (message: AlertMessage, timeZone?: string): Record<string, string> => ({
  summary: message.headline,
  description: messageText(message, timeZone),
  change: message.change,
  evidence: message.evidence,
  next: message.next,
  journeys: message.journeys.join(', '),
  sites: message.sites.join(', '),
  run: message.links.run ?? '',
  compare: message.links.compare ?? '',
  picture: message.links.picture ?? '',
  headwater_alert: message.alertId,
});

/** An empty label is none. */
const labelsOf = (labels: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

const iso = (unixMs: number): string => new Date(unixMs).toISOString();
