/** The drawing of what a browser and its other end say to each other while a stop lasts. */
import type { Nanos } from '../../model/time.ts';
import type { Drawing, Message } from '../../model/walk.ts';
import type { StopMaker } from './scene.ts';

type Own = Parameters<StopMaker>[1];

/** From the first to the last instant of a stop's own pieces. */
export const extentOf = (own: Own): [startNs: Nanos, endNs: Nanos] => [
  own[0]?.startNs ?? 0,
  own.at(-1)?.endNs ?? 0,
];

export function conversation(right: string, own: Own, messages: readonly Message[]): Drawing {
  const [startNs, endNs] = extentOf(own);
  return { kind: 'messages', left: 'Browser', right, startNs, endNs, messages };
}
