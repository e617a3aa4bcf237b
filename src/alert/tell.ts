/**
 * Whether people must be told of an alert, given what they were told before. The difference is the message, so that
 * the same is never told twice: neither by the next judgement nor after a restart.
 */
import type { Acknowledgement, Alert, AlertMember, Silence } from '../model/alert.ts';
import type { Severity } from '../model/signal.ts';
import { journeysOf, present, severityOf } from './members.ts';
import { audible } from './silence.ts';
import { isOwed } from './step.ts';

/** So many more journeys than were told of make it another size of fire. Fewer are on the list, not in a message. */
export const JOINED_THAT_MATTER = 5;

/**
 * updated: worse than what was told. eased: what somebody had to get up for is over, something lesser goes on, such as an
 * error budget that still burns for what was.
 */
export type AlertEvent = 'firing' | 'updated' | 'eased' | 'resolved';

export interface Notice {
  readonly event: AlertEvent;
  readonly severity: Severity;
  /** As it is once this is told. */
  readonly alert: Alert;
  /** Whom it concerns: what is silenced is left out. */
  readonly members: readonly AlertMember[];
  /** Of one that eased: what is over. */
  readonly over?: readonly AlertMember[];
}

export interface Hearing {
  readonly silences: readonly Silence[];
  readonly acknowledged?: Acknowledgement;
  readonly nowUnixMs: number;
}

/** Undefined when there is nothing new to tell. */
export function noticeOf(alert: Alert, { silences, acknowledged, nowUnixMs }: Hearing): Notice | undefined {
  const isFiring = alert.resolvedUnixMs === null;
  if (!isFiring && !isOwed(alert)) return undefined;
  const members = audible(isFiring ? present(alert) : alert.members, silences, nowUnixMs);
  if (members.length === 0) return undefined;
  if (!isFiring) return notice('resolved', alert, members, nowUnixMs);
  if (!alert.told) return notice('firing', alert, members, nowUnixMs);
  const { severity, eased, journeys } = alert.told;
  const isPage = severityOf(members) === 'page';
  const isWorse = isPage && (severity === 'ticket' || eased === 'told');
  const isSpread = journeysOf(members).length >= journeys + JOINED_THAT_MATTER;
  if (isWorse || (isSpread && !acknowledged)) return notice('updated', alert, members, nowUnixMs);
  if (isPage || severity !== 'page' || eased !== undefined) return undefined;
  // A signal whose own severity goes up and down has not ended.
  const over = audible(
    alert.members.filter(({ isOver }) => isOver),
    silences,
    nowUnixMs,
  );
  return severityOf(over) === 'page' ? { ...notice('eased', alert, members, nowUnixMs), over } : undefined;
}

function notice(event: AlertEvent, alert: Alert, members: AlertMember[], nowUnixMs: number): Notice {
  const { told } = alert;
  const severity = told?.severity === 'page' || event === 'resolved' ? told!.severity : severityOf(members);
  const isRaised = told?.severity === 'ticket' && severity === 'page';
  return {
    event,
    severity,
    members,
    alert: {
      ...alert,
      told: {
        ...told,
        severity,
        journeys: Math.max(told?.journeys ?? 0, journeysOf(members).length),
        times: (told?.times ?? 0) + 1,
        resolved: event === 'resolved',
        ...(event === 'eased' && { eased: 'told' as const }),
        ...(event === 'updated' && told?.eased && { eased: 'back' as const }),
        ...(isRaised && { raisedUnixMs: nowUnixMs }),
      },
    },
  };
}
