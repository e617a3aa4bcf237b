/** What `headwater alert --test` sends: it has everything that a real one has, and says first that nothing is wrong. */
import { spanIdOf } from '../model/ids.ts';
import type { AlertMessage } from './message.ts';

export function testMessage(nowUnixMs: number, viewer?: string): AlertMessage {
  const alertId = spanIdOf('alert-test', nowUnixMs);
  return {
    id: `${alertId}-1`,
    alertId,
    event: 'test',
    severity: 'ticket',
    headline: 'this is how Headwater will call you.',
    sentence: 'Somebody ran headwater alert --test to see whether messages arrive here.',
    also: [],
    change: 'what moved, and by how much, stands here',
    evidence: 'the numbers behind it stand here',
    next: 'nothing to do; if you did not expect this, ask who set up Headwater',
    journeys: ['headwater-test'],
    sites: [],
    sinceUnixMs: nowUnixMs,
    toldUnixMs: nowUnixMs,
    comebacks: 0,
    links: { run: viewer?.replace(/\/+$/, '') ?? null, compare: null, picture: null },
  };
}
