/** Alerts, silences and dead letters in a terminal. */
import { instantInWords, lastedInWords } from '../../alert/clock-words.ts';
import type { KeptLetter } from '../../alert/send/kept.ts';
import { matcherInWords } from '../../alert/silence.ts';
import type { AlertRow, AlertState, Silence } from '../../model/alert.ts';
import { type Colours, type Paint, plain } from './colour.ts';

export function renderAlerts(rows: readonly AlertRow[], nowUnixMs: number, colours: Colours): string {
  return rows.map((row) => renderAlert(row, nowUnixMs, colours)).join('\n');
}

function renderAlert(row: AlertRow, nowUnixMs: number, colours: Colours): string {
  const { id, state, severity, headline, sentence, journeys, next, acknowledgedBy } = row;
  const by = acknowledgedBy ? ` by ${plain(acknowledgedBy)}` : '';
  const isOver = state === 'resolved';
  return [
    `${paintOf(state, colours)(`${state}${state === 'acknowledged' ? by : ''}`)}  ${severity}  ${id}  ${colours.dim(whenOf(row, nowUnixMs))}`,
    `  ${isOver ? plain(headline) : colours.bold(plain(headline))}`,
    ...(headline === sentence || isOver ? [] : [`  ${plain(sentence)}`]),
    ...(journeys.length > 1 ? [`  ${colours.dim(`journeys: ${plain(journeys.join(', '))}`)}`] : []),
    ...(next && !isOver ? [`  ${colours.dim(`look next: ${plain(next)}`)}`] : []),
  ].join('\n');
}

function whenOf({ sinceUnixMs, resolvedUnixMs }: AlertRow, nowUnixMs: number): string {
  const since = `since ${instantInWords(sinceUnixMs, nowUnixMs)}`;
  if (resolvedUnixMs === null) return `${since}, ${lastedInWords(nowUnixMs - sinceUnixMs)}`;
  return `over since ${instantInWords(resolvedUnixMs, nowUnixMs)}, lasted ${lastedInWords(resolvedUnixMs - sinceUnixMs)}`;
}

function paintOf(state: AlertState, colours: Colours): Paint {
  return {
    firing: colours.red,
    acknowledged: colours.yellow,
    silenced: colours.dim,
    resolved: colours.green,
  }[state];
}

export const renderSilence = ({ id, matcher, untilUnixMs, by, reason }: Silence, nowUnixMs: number): string =>
  plain(
    `${id}  ${matcherInWords(matcher)}  until ${instantInWords(untilUnixMs, nowUnixMs)}${by ? ` by ${by}` : ''}${reason ? `: ${reason}` : ''}`,
  );

export const renderDeadLetter = ({ letter }: KeptLetter): string =>
  plain(
    `${letter.channel}  ${new Date(letter.writtenUnixMs).toISOString()}  ${letter.message.event}: ${letter.message.headline}\n  ${letter.attempts} ${letter.attempts === 1 ? 'attempt' : 'attempts'}, the last was answered: ${letter.says ?? 'nothing'}`,
  );
