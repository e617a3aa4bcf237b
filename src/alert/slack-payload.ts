/**
 * The message for an incoming webhook of Slack, or of what understands the same (Mattermost, Rocket.Chat, …): blocks,
 * and a text for notifications. Limits: https://docs.slack.dev/reference/block-kit/blocks/section-block, …/header-block.
 * A picture stands as a link: Slack would have to reach it, and refuses the whole message when it cannot.
 */

import type { AlertMessage } from './message.ts';
import { asSentence, journeysInWords, messageText, titleOf, whenInWords } from './message-text.ts';

export const SLACK_LIMITS = { blocks: 50, header: 150, section: 3_000, text: 4_000 } as const;

interface SlackText {
  readonly type: 'plain_text' | 'mrkdwn';
  readonly text: string;
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: SlackText }
  | { readonly type: 'section'; readonly text: SlackText }
  | { readonly type: 'context'; readonly elements: readonly SlackText[] };

export interface SlackPayload {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

export function slackPayload(message: AlertMessage, timeZone?: string): SlackPayload {
  const isOver = message.event === 'resolved';
  const lines = [
    message.sentence === message.headline ? '' : asSentence(message.sentence),
    ...(message.over ?? []).map((one) => `Over: ${asSentence(one)}`),
    ...(isOver ? [] : message.also.map(asSentence)),
  ];
  const facts: [string, string][] = isOver
    ? []
    : [
        ['Against usual', message.change],
        ['Evidence', message.evidence],
        ['Look next', message.next],
      ];
  return {
    text: escapeWithin(messageText(message, timeZone), SLACK_LIMITS.text),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(titleOf(message), SLACK_LIMITS.header) } },
      ...sections([escapeAll(lines)]),
      ...sections([`*When* ${slackWhen(message, timeZone)}`, `*Who* ${safe(journeysInWords(message))}`]),
      ...facts.flatMap(([name, text]) => sections(text ? [`*${name}* ${safe(asSentence(text))}`] : [])),
      ...sections([linkLine(message)]),
      ...context(message),
    ],
  };
}

/** An empty section is refused. */
function sections(lines: readonly string[]): SlackBlock[] {
  const text = lines.filter(Boolean).join('\n');
  return text
    ? [{ type: 'section', text: { type: 'mrkdwn', text: cutEscaped(text, SLACK_LIMITS.section) } }]
    : [];
}

/** Slack shows the instant in the reader's own time zone. */
function slackWhen(message: AlertMessage, timeZone?: string): string {
  const words = safe(whenInWords(message, timeZone));
  const seconds = Math.floor(message.sinceUnixMs / 1_000);
  return `${words} (<!date^${seconds}^{date_short_pretty} {time}|your time>)`;
}

function linkLine({ links }: AlertMessage): string {
  const named: [string, string | null][] = [
    ['Run', links.run],
    ['Compare with usual', links.compare],
    ['Last picture of the page', links.picture],
  ];
  return named.flatMap(([name, url]) => (url === null ? [] : [`<${inLink(url)}|${name}>`])).join('   ');
}

function context({ event, alertId }: AlertMessage): SlackBlock[] {
  if (event !== 'firing' && event !== 'updated') return [];
  const text = `If you take it: \`headwater alert ack ${alertId}\``;
  return [{ type: 'context', elements: [{ type: 'mrkdwn', text }] }];
}

/** The three characters that mean something there. */
const safe = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const escapeAll = (lines: readonly string[]): string => lines.filter(Boolean).map(safe).join('\n');
const inLink = (url: string): string => safe(url).replace(/\|/g, '%7C');

const escapeWithin = (text: string, limit: number): string => cutEscaped(safe(text), limit);

/** Never inside an escaped character: `&am` would be shown as it is. */
function cutEscaped(text: string, limit: number): string {
  return text.length <= limit
    ? text
    : `${cut(text, limit - 1)
        .replace(/…$/, '')
        .replace(/&[a-z]{0,3}$/, '')}…`;
}

/** Counted as Slack counts, in UTF-16 units, and never inside a surrogate pair. */
const cut = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
