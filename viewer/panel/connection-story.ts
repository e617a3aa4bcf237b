/** The four questions, answered for a connection: it does not spend the run's time itself, its requests do. */
import { formatDuration } from '../../src/model/time.ts';
import type { RunState } from '../run/run-state.ts';
import { setupOf } from '../trace/connections.ts';
import { spanAt } from '../trace/span-index.ts';
import { firstOf, grouped, numberOf, textOf } from './attribute.ts';
import { lengthOf, link, type Phrase, type Sentence, type Story } from './phrase.ts';

/** More would be a list, not a sentence; the list stands below. */
const RIDERS_NAMED = 3;

export function connectionStory(state: RunState, position: number): Story {
  const span = spanAt(state.index, position);
  const use = state.connections.useOf.get(position);
  const [payer, riders] = [use?.payer, use?.riders ?? []];
  const setup = setupOf(state.index, state.connections, position);
  return {
    what: [
      `One connection of the browser${protocolOf(state, position)}, open for ${lengthOf(span)}.${failure(state, position)}`,
    ],
    where: [`From ${sideOf(state, position, 'local')} to ${sideOf(state, position, 'peer')}.`],
    why: payer === undefined ? unpaid(riders.length) : paid(state, payer, setup),
    after: [...afterwards(state, payer, riders), ...endOf(state, position)],
  };
}

function protocolOf(state: RunState, position: number): string {
  const version = textOf(spanAt(state.index, position), 'network.protocol.version');
  return version === undefined ? '' : `, HTTP/${version}`;
}

function failure(state: RunState, position: number): string {
  const { status } = spanAt(state.index, position);
  return status.code === 'error' ? ` It failed${status.message ? `: ${status.message}` : ''}.` : '';
}

function sideOf(state: RunState, position: number, side: 'local' | 'peer'): string {
  const span = spanAt(state.index, position);
  const address = firstOf(span, `network.${side}.address`, ...(side === 'peer' ? ['server.address'] : []));
  const port = firstOf(span, `network.${side}.port`, side === 'local' ? 'client.port' : 'server.port');
  const host = side === 'local' ? 'the browser' : (textOf(span, 'server.address') ?? 'the server');
  const where = [address !== host && address, port && `port ${port}`].filter(Boolean).join(' ');
  return where ? `${host} (${where})` : host;
}

function paid(state: RunState, payer: number, setup: readonly number[]): Sentence {
  if (setup.length === 0) return [link(state, payer), ' was the first to use it.'];
  const total = setup.reduce((sum, phase) => {
    const { startNs, endNs } = spanAt(state.index, phase);
    return sum + endNs - startNs;
  }, 0);
  const parts = setup.map(
    (phase) => `${spanAt(state.index, phase).name} ${lengthOf(spanAt(state.index, phase))}`,
  );
  return [link(state, payer), ` paid for it: ${formatDuration(total)} (${parts.join(', ')}).`];
}

function unpaid(riders: number): Sentence {
  return riders > 0
    ? ['The browser made it in advance, before a request needed it: nobody waited for it.']
    : [
        'The browser made it in advance, and no request ever used it. It cost the run nothing, and both sides a handshake.',
      ];
}

function afterwards(state: RunState, payer: number | undefined, riders: readonly number[]): Sentence {
  if (riders.length === 0)
    return [payer === undefined ? 'Nothing went over it.' : 'No other request went over it.'];
  const named = riders
    .slice(0, RIDERS_NAMED)
    .flatMap((rider, i): Phrase[] => [i > 0 ? ', ' : '', link(state, rider)]);
  const rest = riders.length - RIDERS_NAMED;
  const count = riders.length === 1 ? 'One request' : `${grouped(riders.length)} requests`;
  return [`${count} rode on it without paying: `, ...named, rest > 0 ? ` and ${grouped(rest)} more.` : '.'];
}

/** How many of them had to wait for it, and how it ended. */
function endOf(state: RunState, position: number): string[] {
  const span = spanAt(state.index, position);
  const waited = numberOf(span, 'headwater.connection.waited') ?? 0;
  const ended = textOf(span, 'headwater.connection.ended');
  return [
    waited > 0
      ? ` ${waited === 1 ? 'One request' : `${grouped(waited)} requests`} had to wait until it was free.`
      : '',
    ended === undefined ? '' : ended.startsWith('open') ? ` It was ${ended}.` : ` Its end: ${ended}.`,
  ].filter(Boolean);
}
