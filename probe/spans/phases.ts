/**
 * The phases of one request, contiguous by construction: Σ phases = the request's span.
 *
 * ```
 * issued     requestTime                               (CDP: requestTime + timing.X)
 * |----------|--|------|---|-----|---|-------|--------|----------|
 *   wait        |DNS   |w  |TCP  |TLS|wait   |send    |waiting   |download|
 *               dnsStart   connectStart      sendStart  receiveHeadersStart
 *                      dnsEnd    sslStart       sendEnd            finished
 * ```
 * DNS, TCP and TLS belong to a connection and appear only at the request that paid for it. What lies between two
 * marks and has no name of its own is `wait_for_connection`. −1 is "not applicable", and leaves no phase.
 */
import type { ConnectAttempt, TlsHandshake } from '../../src/import/netlog.ts';
import { HEADER_PAUSE, PHASES } from '../../src/model/attributes.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { Attributes } from '../../src/model/span.ts';
import type { ProbeSource } from './span-draft.ts';

/** One address that was tried; only the one that won has a local end. */
export interface TriedAddress extends ConnectAttempt {
  readonly localAddress?: string;
}

/** What NetLog knows of the inside of a mark: times as it stamped them, and what to add to them. */
export interface SetupDetail {
  readonly shiftMs: number;
  readonly attempts?: readonly TriedAddress[];
  readonly tls?: TlsHandshake;
}

/** A stretch that some source measured. Unix milliseconds with fractions. */
export interface Mark {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly source: ProbeSource;
  readonly error?: string;
  /** Who spent it, where that is neither the browser nor the server. */
  readonly component?: string;
  readonly attributes?: Attributes;
  readonly setup?: SetupDetail;
}
export interface Phase extends Mark {
  readonly layer: Layer;
}

const LAYER_BY_PHASE: Readonly<Record<string, Layer>> = {
  [PHASES.wait]: 'browser',
  [HEADER_PAUSE]: 'browser',
  [PHASES.dns]: 'dns',
  [PHASES.connect]: 'tcp',
  [PHASES.tls]: 'tls',
  [PHASES.send]: 'network',
  [PHASES.waiting]: 'network',
  [PHASES.download]: 'network',
};

/** NetLog's milliseconds leave gaps that mean nothing, up to a tick at each side. */
const NETLOG_GAP_MS = 1.5;
/** Closer than CDP's microseconds can tell apart. */
const CDP_GAP_MS = 0.002;

/**
 * Lays marks between `issuedMs` and `endMs` end to end. Later marks are the finer ones (CDP's send and response), so
 * an earlier one that reaches into the next gives way; a mark before `issuedMs` (a preconnect) moves the start.
 *
 * ```
 * // mark      |-------|
 * // next           |------|   the earlier ends where the next begins
 * ```
 */
export function layPhases(
  issuedMs: number,
  endMs: number,
  marks: readonly Mark[],
  fromCache: boolean,
): Phase[] {
  const phases: Phase[] = [];
  const sorted = [...marks].sort((a, b) => a.startMs - b.startMs);
  let cursor = Math.min(issuedMs, sorted[0]?.startMs ?? issuedMs);
  const end = Math.max(endMs, cursor);
  const push = (mark: Mark) =>
    phases.push({ ...mark, layer: fromCache ? 'browser' : (LAYER_BY_PHASE[mark.name] ?? 'network') });
  sorted.forEach((mark, i) => {
    const limit = Math.min(end, sorted[i + 1]?.startMs ?? end);
    const endsAt = Math.max(cursor, Math.min(mark.endMs, limit));
    const startsAt = closesGap(phases.at(-1), cursor, mark)
      ? cursor
      : Math.min(Math.max(mark.startMs, cursor), endsAt);
    if (startsAt > cursor) push(waitBetween(cursor, startsAt));
    // A connect on a near network takes less than a tick of NetLog's, and did happen.
    if (endsAt > startsAt || mark.error || mark.name === PHASES.connect)
      push({ ...mark, startMs: startsAt, endMs: endsAt });
    cursor = Math.max(cursor, endsAt);
  });
  const last = phases.at(-1);
  if (end > cursor && last?.name === PHASES.download) phases[phases.length - 1] = { ...last, endMs: end };
  else if (end > cursor)
    push(fromCache ? { ...waitBetween(cursor, end), name: PHASES.download } : waitBetween(cursor, end));
  return phases;
}

const waitBetween = (startMs: number, endMs: number): Mark => ({
  name: PHASES.wait,
  startMs,
  endMs,
  source: 'cdp',
});

function closesGap(before: Phase | undefined, cursor: number, mark: Mark): boolean {
  const isCoarse = mark.source === 'netlog' || before?.source === 'netlog';
  return before !== undefined && mark.startMs - cursor <= (isCoarse ? NETLOG_GAP_MS : CDP_GAP_MS);
}
