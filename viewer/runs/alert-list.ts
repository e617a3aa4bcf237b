/** What is wrong now, on top of the first screen: the sentence, since when, where to look, and who is at it. */
import type { AlertRow } from '../../src/model/alert.ts';
import { send } from '../api.ts';
import { type Child, el, replace, shorten } from '../element.ts';
import { ago } from './ago.ts';
import { refreshAges } from './run-sign.ts';

export interface AlertList {
  readonly element: HTMLElement;
  show(rows: readonly AlertRow[]): void;
}

/** The gravest is on top; more than these would push the journeys off the screen. */
const SHOWN = 5;
/** More names than these are not read. */
const JOURNEYS_NAMED = 6;

export function alertList(): AlertList {
  const element = el('section', { class: 'alerts', 'aria-labelledby': 'alerts-title', hidden: true });
  let shown = '';
  return {
    element,
    show(rows) {
      const open = rows.filter(({ state }) => state !== 'resolved');
      const text = JSON.stringify(open);
      if (text === shown) return refreshAges(element);
      shown = text;
      element.hidden = open.length === 0;
      replace(
        element,
        el('h2', { id: 'alerts-title' }, 'Alerts'),
        el('ul', {}, ...open.slice(0, SHOWN).map(alertItem)),
        restOf(open),
      );
    },
  };
}

function alertItem(row: AlertRow): HTMLElement {
  const { severity, state, headline, sentence, next } = row;
  return el(
    'li',
    { class: `alert ${state} ${severity}` },
    el(
      'p',
      { class: 'alert-head' },
      el('span', { class: 'alert-mark', 'aria-hidden': true }, severity === 'page' ? '▲' : '◆'),
      el('span', { class: 'spoken' }, severity === 'page' ? 'Page: ' : 'Ticket: '),
      el('b', {}, el('bdi', {}, shorten(headline, 300))),
    ),
    sentence !== headline && el('p', {}, el('bdi', {}, shorten(sentence, 400))),
    el('p', { class: 'mute' }, ...factsOf(row)),
    next !== '' && el('p', { class: 'mute' }, 'Look next: ', el('bdi', {}, shorten(next, 400))),
    el('p', { class: 'alert-actions' }, ...actionsOf(row)),
  );
}

function factsOf({ sinceUnixMs, journeys }: AlertRow): Child[] {
  const since = new Date(sinceUnixMs);
  const time = { datetime: since.toISOString(), title: since.toLocaleString() };
  const more = journeys.length - JOURNEYS_NAMED;
  const names = journeys.slice(0, JOURNEYS_NAMED).map((name) => shorten(name, 60));
  return [
    'Began ',
    el('time', time, ago(sinceUnixMs, Date.now())),
    ` · ${journeys.length === 1 ? 'journey' : 'journeys'} `,
    el('bdi', {}, names.join(', ')),
    more > 0 && ` and ${more} more`,
  ];
}

function actionsOf({ id, state, traceId, usualTraceId, acknowledgedBy }: AlertRow): Child[] {
  const other = usualTraceId === undefined ? '' : `/${usualTraceId}`;
  return [
    traceId !== undefined && el('a', { class: 'button', href: `/run/${traceId}`, 'data-link': true }, 'Run'),
    traceId !== undefined &&
      el(
        'a',
        { class: 'button', href: `/compare/${traceId}${other}`, 'data-link': true },
        'Compare with usual',
      ),
    state === 'firing' && acknowledgeButton(id),
    state === 'acknowledged' &&
      el('span', {}, '✓ Acknowledged by ', el('bdi', {}, shorten(acknowledgedBy ?? '', 80))),
    state === 'silenced' && el('span', { class: 'mute' }, 'Silenced'),
  ];
}

/** The list says who is at it when it is asked for the next time; until then the button does. */
function acknowledgeButton(id: string): HTMLElement {
  const button = el('button', { type: 'button', on: { click: () => void press() } }, 'Acknowledge');
  const said = el('span', { class: 'alert-said', 'aria-live': 'polite' });
  const press = async (): Promise<void> => {
    button.disabled = true;
    try {
      await send(`/api/alerts/${id}/ack`, {});
      replace(said, 'You are at it: no more news unless it gets worse.');
    } catch (error) {
      button.disabled = false;
      replace(said, error instanceof Error ? error.message : String(error));
    }
  };
  return el('span', { class: 'alert-ack' }, button, said);
}

function restOf(open: readonly AlertRow[]): HTMLElement | undefined {
  const more = open.length - SHOWN;
  return more > 0
    ? el('p', { class: 'mute' }, `And ${more} more: `, el('code', {}, 'headwater alert'))
    : undefined;
}
