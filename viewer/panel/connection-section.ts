/** From a request to its connection, and from a connection to all its requests. */
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { requestsOf, useOfConnection } from '../trace/connections.ts';
import { spanAt, typeOf } from '../trace/span-index.ts';
import { nameOf } from '../waterfall/row-label.ts';
import { grouped } from './attribute.ts';

const REQUESTS_LISTED = 12;

export function connectionSection(state: RunState, position: number): HTMLElement | undefined {
  const content =
    typeOf(spanAt(state.index, position)) === 'connection'
      ? ridersOf(state, position)
      : rideOf(state, position);
  return content && el('section', { class: 'rides' }, el('h3', {}, 'Connection'), ...content);
}

function rideOf(state: RunState, request: number): Child[] | undefined {
  const connection = state.connections.ofRequest.get(request);
  if (connection === undefined) return undefined;
  const paid = state.connections.useOf.get(connection)?.payer === request;
  const others = requestsOf(state.connections, connection).length - 1;
  const company = others === 0 ? ' No other request used it.' : ` ${grouped(others)} more went over it.`;
  return [
    el(
      'p',
      {},
      paid ? 'It paid for ' : 'It rode for free on ',
      wayTo(state, connection),
      paid ? ': the time to make it is part of this request.' : ', which was there already.',
      company,
    ),
  ];
}

function ridersOf(state: RunState, connection: number): Child[] | undefined {
  const requests = requestsOf(state.connections, connection);
  if (requests.length === 0) return undefined;
  const payer = state.connections.useOf.get(connection)?.payer;
  const items = requests.slice(0, REQUESTS_LISTED).map((request) => {
    const { startNs, endNs } = useOfConnection(state.index, request);
    return el(
      'li',
      {},
      wayTo(state, request),
      el(
        'span',
        { class: 'figure' },
        ` ${formatDuration(endNs - startNs)}${request === payer ? ', paid' : ''}`,
      ),
    );
  });
  const rest = requests.length - REQUESTS_LISTED;
  return [el('ul', {}, ...items, rest > 0 && el('li', {}, `and ${grouped(rest)} more`))];
}

const wayTo = (state: RunState, span: number): HTMLElement =>
  el(
    'button',
    { type: 'button', class: 'link', on: { click: () => state.reveal(span) } },
    el('bdi', {}, shorten(nameOf(state.index, span), 80)),
  );
