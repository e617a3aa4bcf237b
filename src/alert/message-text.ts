/**
 * The message as plain text: for terminals, webhooks and wherever there is no better form.
 *
 *   Alert: 5 journeys, one culprit: lock wait at postgresql (database)
 *   checkout takes 870 ms longer: 850 ms of it is waiting for a lock.
 *   Against usual: +870 ms (97 % of the change).
 *   Since 01:42 UTC, 18 minutes ago.
 *   …
 */
import { instantInWords, lastedInWords } from './clock-words.ts';
import type { AlertMessage } from './message.ts';

/** More names than these are a wall; how many more there are is said. */
const JOURNEYS_NAMED = 8;

/** How the message begins: what is asked of whoever reads it. */
export function eventInWords({ event, severity, comebacks }: AlertMessage): string {
  if (event === 'test') return 'Test, nothing is wrong';
  if (event === 'resolved') return 'Resolved';
  const what = severity === 'page' ? 'Alert' : 'For working hours';
  if (event === 'eased') return 'Better, but still';
  if (event === 'updated') return `${what}, worse than before`;
  return comebacks > 0 ? `${what}, it is back` : what;
}

export const titleOf = (message: AlertMessage): string => `${eventInWords(message)}: ${message.headline}`;

export function messageText(message: AlertMessage, timeZone?: string): string {
  const { sentence, headline, also, over = [], change, evidence, next } = message;
  const isOver = message.event === 'resolved';
  return [
    titleOf(message),
    sentence === headline ? '' : asSentence(sentence),
    ...over.map((one) => `Over: ${asSentence(one)}`),
    ...(isOver ? [] : also.map((other) => `Also: ${asSentence(other)}`)),
    !isOver && change ? `Against usual: ${asSentence(change)}` : '',
    `${whenInWords(message, timeZone)}.`,
    `${journeysInWords(message)}.`,
    !isOver && evidence ? `Evidence: ${asSentence(evidence)}` : '',
    !isOver && next ? `Look next: ${asSentence(next)}` : '',
    ...whereToLook(message),
    message.event === 'firing' || message.event === 'updated'
      ? `If you take it: headwater alert ack ${message.alertId}`
      : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** `Since 01:42 UTC, 18 minutes ago` */
export function whenInWords(message: AlertMessage, timeZone?: string): string {
  const { sinceUnixMs, toldUnixMs, resolvedUnixMs, comebacks } = message;
  const from = instantInWords(sinceUnixMs, toldUnixMs, timeZone);
  const again = comebacks > 0 ? `; it has come back ${comebacks === 1 ? 'once' : `${comebacks} times`}` : '';
  if (resolvedUnixMs !== undefined)
    return `From ${from} to ${instantInWords(resolvedUnixMs, toldUnixMs, timeZone)}, ${lastedInWords(resolvedUnixMs - sinceUnixMs)} in all${again}`;
  return `Since ${from}, ${lastedInWords(toldUnixMs - sinceUnixMs)} ago${again}`;
}

/** `Journeys: checkout, login and search at shop.example` */
export function journeysInWords({ journeys, sites }: Pick<AlertMessage, 'journeys' | 'sites'>): string {
  const label = journeys.length === 1 ? 'Journey' : 'Journeys';
  return `${label}: ${listed(journeys)}${sites.length > 0 ? ` at ${listed(sites)}` : ''}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - JOURNEYS_NAMED;
  const shown = more > 0 ? [...names.slice(0, JOURNEYS_NAMED), `${more} more`] : names;
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function whereToLook({ links, traceId, usualTraceId }: AlertMessage): string[] {
  if (links.run !== null)
    return [
      `Run: ${links.run}`,
      `Compare with usual: ${links.compare}`,
      links.picture === null ? '' : `Last picture of the page: ${links.picture}`,
    ];
  if (traceId === undefined) return [];
  const other = usualTraceId === undefined ? '' : ` ${usualTraceId.slice(0, 12)}`;
  return [
    `Run: headwater show ${traceId.slice(0, 12)}`,
    `Compare with usual: headwater compare ${traceId.slice(0, 12)}${other}`,
  ];
}

/** Sentences end with one point, whether or not the part that wrote them set one. */
export const asSentence = (text: string): string =>
  /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
