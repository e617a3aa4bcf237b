/**
 * The one message that every channel sends, each in its own form: what is wrong, against what is usual, since when, on
 * which evidence, what to look at next, and where to see it. Secrets that can be recognised are taken out here.
 */

import type { Alert, AlertMember } from '../model/alert.ts';
import { redactText } from '../model/redact.ts';
import type { Guilty, Severity, Signal } from '../model/signal.ts';
import { partInWords } from './group.ts';
import { byWeight, journeysOf, sinceOf, sitesOf } from './members.ts';
import type { AlertEvent } from './tell.ts';

export interface AlertMessage {
  /** Unique; the same when it is sent again. */
  readonly id: string;
  readonly alertId: string;
  readonly event: AlertEvent | 'test';
  readonly severity: Severity;
  /** One sentence for a lock screen. */
  readonly headline: string;
  /** What is wrong with the journey that shows it most. */
  readonly sentence: string;
  /** Of other journeys, as far as they are not too many. */
  readonly also: readonly string[];
  /** What was wrong and is over, where something lesser goes on. */
  readonly over?: readonly string[];
  /** Against what is usual. */
  readonly change: string;
  readonly evidence: string;
  readonly next: string;
  readonly guilty?: Guilty;
  readonly journeys: readonly string[];
  readonly sites: readonly string[];
  readonly sinceUnixMs: number;
  readonly toldUnixMs: number;
  readonly resolvedUnixMs?: number;
  readonly acknowledgedBy?: string;
  readonly comebacks: number;
  /** Null where no address of a viewer is known, or no run. */
  readonly links: AlertLinks;
  /** The runs behind the links, for those who have only a terminal. */
  readonly traceId?: string;
  readonly usualTraceId?: string;
  /** The page as the run saw it last: a file of the run. */
  readonly picture?: PictureRef;
}

export interface AlertLinks {
  readonly run: string | null;
  readonly compare: string | null;
  readonly picture: string | null;
}

export interface PictureRef {
  readonly traceId: string;
  readonly file: string;
}

export interface MessageFacts {
  readonly event: AlertEvent;
  readonly severity: Severity;
  /** Of one that eased: what is over. */
  readonly over?: readonly AlertMember[];
  readonly nowUnixMs: number;
  /** Address of the viewer as those who get the message can open it. */
  readonly viewer?: string;
  readonly acknowledgedBy?: string;
  readonly pictureOf?: (traceId: string) => PictureRef | undefined;
}

/** More sentences than these are read by nobody at 2 a.m.; the list of journeys is whole. */
const ALSO_AT_MOST = 3;

/** @param members those to speak of, at least one */
export function alertMessage(
  alert: Alert,
  members: readonly AlertMember[],
  facts: MessageFacts,
): AlertMessage {
  const [lead, ...others] = signalsOf(members);
  if (!lead) throw new Error(`Alert ${alert.id} has nothing to tell of.`);
  const journeys = journeysOf(members);
  const guilty = lead.guilty && cleanGuilty(lead.guilty);
  const shown = [lead, ...others].find(({ traceId }) => traceId !== undefined) ?? lead;
  const picture = shown.traceId === undefined ? undefined : facts.pictureOf?.(shown.traceId);
  const sentence = redactText(lead.sentence);
  return {
    id: `${alert.id}-${alert.told?.times ?? 0}`,
    alertId: alert.id,
    event: facts.event,
    severity: facts.severity,
    headline: headlineOf(guilty, journeys, sentence),
    sentence,
    also: sentencesOf(others, sentence),
    ...(facts.over && { over: sentencesOf(signalsOf(facts.over)) }),
    change: redactText(lead.change),
    evidence: redactText(lead.evidence),
    next: redactText(lead.next),
    ...(guilty && { guilty }),
    journeys: journeys.map(redactText),
    sites: sitesOf(members).map(redactText),
    sinceUnixMs: sinceOf(members),
    toldUnixMs: facts.nowUnixMs,
    ...(alert.resolvedUnixMs !== null && { resolvedUnixMs: alert.resolvedUnixMs }),
    ...(facts.acknowledgedBy !== undefined && { acknowledgedBy: redactText(facts.acknowledgedBy) }),
    comebacks: alert.comebacks,
    links: linksOf(shown, picture, facts.viewer),
    ...(shown.traceId !== undefined && { traceId: shown.traceId }),
    ...(shown.usualTraceId !== undefined && { usualTraceId: shown.usualTraceId }),
    ...(picture && { picture }),
  };
}

const signalsOf = (members: readonly AlertMember[]): Signal[] =>
  byWeight(members).map(({ signal }) => signal);

/** Each once, those that come first. @param said it stands elsewhere already */
const sentencesOf = (signals: readonly Signal[], said?: string): string[] =>
  [...new Set(signals.map(({ sentence }) => redactText(sentence)))]
    .filter((sentence) => sentence !== said)
    .slice(0, ALSO_AT_MOST);

const cleanGuilty = ({ layer, component, cause }: Guilty): Guilty => ({
  layer,
  component: redactText(component),
  cause,
});

export const headlineOf = (
  guilty: Guilty | undefined,
  journeys: readonly string[],
  sentence: string,
): string => {
  if (journeys.length < 2) return sentence;
  if (!guilty) return `${journeys.length} journeys: ${sentence}`;
  return `${journeys.length} journeys, one culprit: ${partInWords(guilty)}`;
};

function linksOf(
  shown: { readonly traceId?: string; readonly usualTraceId?: string },
  picture: PictureRef | undefined,
  viewer: string | undefined,
): AlertLinks {
  if (viewer === undefined || shown.traceId === undefined) return { run: null, compare: null, picture: null };
  const base = viewer.replace(/\/+$/, '');
  const other = shown.usualTraceId === undefined ? '' : `/${shown.usualTraceId}`;
  return {
    run: `${base}/run/${shown.traceId}`,
    compare: `${base}/compare/${shown.traceId}${other}`,
    picture: picture ? `${base}/api/runs/${picture.traceId}/files/${inPath(picture.file)}` : null,
  };
}

const inPath = (file: string): string => file.split('/').map(encodeURIComponent).join('/');
