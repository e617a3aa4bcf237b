/**
 * What a channel that forgets is told again and again: everything that fires, and for a while what is over. Of silenced
 * ones too, once they were told: who was told that something fires must not take a silence for its end.
 */
import type { Alert, Silence } from '../../model/alert.ts';
import { SAY_RESOLVED_MS } from '../alertmanager-payload.ts';
import { telling } from '../members.ts';
import type { AlertMessage } from '../message.ts';
import { audible } from '../silence.ts';
import type { Notice } from '../tell.ts';
import type { Channel, Dispatch } from './channels.ts';

export interface Reminding {
  readonly alerts: readonly Alert[];
  readonly silences: readonly Silence[];
  readonly nowUnixMs: number;
  readonly messageOf: (notice: Notice, nowUnixMs: number) => AlertMessage;
}

/** @returns what went wrong, in sentences */
export async function remind(channels: readonly Channel[], reminding: Reminding): Promise<string[]> {
  const troubles: string[] = [];
  const dispatches = reminding.alerts.flatMap((alert) => reminderOf(alert, reminding));
  for (const channel of channels) {
    const concerned = dispatches.filter(({ message }) => !channel.pagesOnly || message.severity === 'page');
    const answer = concerned.length > 0 ? await channel.remind?.(concerned) : undefined;
    if (answer?.took === false)
      troubles.push(`${channel.name} could not be reminded of what fires (${answer.says}).`);
  }
  return troubles;
}

function reminderOf(alert: Alert, { silences, nowUnixMs, messageOf }: Reminding): Dispatch[] {
  const { told, resolvedUnixMs } = alert;
  if (!told) return [];
  // Over, but silenced before that could be told: for those who listen it goes on.
  const isFiring = resolvedUnixMs === null || !told.resolved;
  if (!isFiring && nowUnixMs - resolvedUnixMs > SAY_RESOLVED_MS) return [];
  const heard = audible(telling(alert), silences, nowUnixMs);
  const members = heard.length > 0 ? heard : telling(alert);
  const asTold = isFiring ? { ...alert, resolvedUnixMs: null } : alert;
  const event = isFiring ? 'firing' : 'resolved';
  const message = messageOf({ alert: asTold, members, event, severity: told.severity }, nowUnixMs);
  return [{ message, alert: asTold, nowUnixMs }];
}
