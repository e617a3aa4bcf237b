/** Where a request spent time without any network: a cache, a service worker, or the probe's own hand. */
import { HEADER_PAUSE, LOCAL_ANSWERS } from '../../src/model/attributes.ts';
import { unixMsFromNano } from '../../src/model/time.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';
import type { InjectedRequest } from '../cdp/trace-header.ts';
import type { BrowserClock } from './browser-clock.ts';
import type { Mark, Phase } from './phases.ts';

/** Shorter than the browser's own stamps can tell. */
const MIN_PAUSE_MS = 0.02;

/**
 * One phase from first to last, and for a service worker the start of its thread, when it had to be started.
 * ```
 * // request   |------------------------------|
 * //           |start|-- service worker ------|
 * //                 workerReady
 * ```
 */
export function localPhases(
  cdp: CdpRequest,
  from: NonNullable<CdpRequest['fromCache']>,
  startMs: number,
  endMs: number,
  clock: BrowserClock | undefined,
): Phase[] {
  const answer: Phase = { name: LOCAL_ANSWERS[from], startMs, endMs, source: 'cdp', layer: 'browser' };
  const { serviceWorker, timing } = cdp;
  if (!serviceWorker || !timing || !clock) return [answer];
  const readyMs = clock.unixMs(timing.requestTime) + serviceWorker.readyMs;
  if (serviceWorker.readyMs - serviceWorker.startMs < 1 || readyMs <= startMs || readyMs >= endMs)
    return [answer];
  return [
    { ...answer, name: `${LOCAL_ANSWERS['service-worker']} start`, endMs: readyMs },
    { ...answer, startMs: readyMs },
  ];
}

/**
 * The probe's pause to add the header, where nothing else of the request went on: a connection is made meanwhile.
 * ```
 * // paused    |----------------|
 * // setup           |-----|
 * //           |pause|     |pau|
 * ```
 */
export function pauseMarks(
  injected: InjectedRequest | undefined,
  issuedMs: number,
  setup: readonly Mark[],
): Mark[] {
  if (injected?.continuedUnixNano === undefined) return [];
  let free = [
    {
      startMs: Math.max(issuedMs, unixMsFromNano(injected.pausedUnixNano)),
      endMs: unixMsFromNano(injected.continuedUnixNano),
    },
  ];
  for (const mark of setup)
    free = free
      .flatMap(({ startMs, endMs }) => [
        { startMs, endMs: Math.min(endMs, mark.startMs) },
        { startMs: Math.max(startMs, mark.endMs), endMs },
      ])
      .filter((piece) => piece.endMs > piece.startMs);
  return free
    .filter(({ startMs, endMs }) => endMs - startMs >= MIN_PAUSE_MS)
    .map((piece) => ({ ...piece, name: HEADER_PAUSE, source: 'playwright', component: 'headwater' }));
}
