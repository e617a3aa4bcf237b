/** The signals of one alert: which go on, which worst tells of it, what they have in common. */
import type { Alert, AlertMember } from '../model/alert.ts';
import type { Severity, SignalKind } from '../model/signal.ts';

/** What explains most comes first. */
const KINDS: readonly SignalKind[] = ['failing', 'slower', 'burn_rate', 'budget'];

export const present = ({ members }: Pick<Alert, 'members'>): AlertMember[] =>
  members.filter(({ isOver }) => !isOver);

/** Those that go on; of an alert that is over, all that were. */
export const telling = (alert: Alert): readonly AlertMember[] =>
  alert.resolvedUnixMs === null ? present(alert) : alert.members;

export const severityOf = (members: readonly AlertMember[]): Severity =>
  members.some(({ signal }) => signal.severity === 'page') ? 'page' : 'ticket';

export const sinceOf = (members: readonly AlertMember[]): number =>
  Math.min(...members.map(({ signal }) => signal.sinceUnixMs));

/** Each once, sorted. */
export const journeysOf = (members: readonly AlertMember[]): string[] =>
  [...new Set(members.map(({ signal }) => signal.journey))].sort();

export const sitesOf = (members: readonly AlertMember[]): string[] =>
  [...new Set(members.map(({ signal }) => signal.site))].filter((site) => site !== '').sort();

/** The worst first. */
export const byWeight = (members: readonly AlertMember[]): AlertMember[] =>
  [...members].sort(({ signal: a }, { signal: b }) => {
    if (a.severity !== b.severity) return a.severity === 'page' ? -1 : 1;
    if (a.kind !== b.kind) return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
    return a.sinceUnixMs - b.sinceUnixMs || (a.key < b.key ? -1 : 1);
  });
