/**
 * A connection that is made for one request is waited for by all requests to the same host: the browser asks for the
 * name once, and an HTTP/2 connection carries them all. What it cost is told at the request that it was made for.
 *
 * ```
 * // A  |---- DNS lookup ----|- connect -|- TLS -|- sent …      the one it was made for
 * // B    |------ wait_for_connection ----------|- sent …       waited for A's look-up, connect and handshake
 * // C    |- wait ------------|- sent …                         found another way as soon as the name was known
 * ```
 */
import { HEADWATER, PHASES } from '../model/attributes.ts';
import type { Layer } from '../model/layer.ts';
import type { Span } from '../model/trace.ts';
import { spansOfType, type Tree, textAt, typeOf } from './tree.ts';

const SETUP: ReadonlySet<Layer> = new Set(['dns', 'tcp', 'tls']);

/** NetLog events that say no more than: somebody else is at it. */
const IS_AT_IT: ReadonlySet<string> = new Set([
  'HTTP_STREAM_JOB_WAITING',
  'HTTP_STREAM_JOB_THROTTLED',
  'SOCKET_POOL',
]);

/** What a `wait_for_connection` was made of, by end: its own children, and the set-up for another request meanwhile. */
export function childrenOfWait(tree: Tree, wait: Span): readonly Span[] {
  const own = tree.childrenOf(wait);
  const shared = sharedSetup(tree, wait);
  if (shared.length === 0) return own;
  const telling = own.filter((child) => !isSomebodyAtIt(child));
  return [...telling, ...shared].sort((a, b) => a.endNs - b.endNs || a.startNs - b.startNs);
}

/**
 * All connections to a host are taken, while some of them are still being made: a request would have had to wait for
 * one of its own as well. Told by the one that it rode on in the end.
 * ```
 * // stall            |-------------------------|
 * // connect, TLS   |------|                       of the connection that it got: set-up, no queue
 * ```
 */
export function setupDuring(tree: Tree, stall: Span): readonly Span[] {
  const wait = tree.parentOf(stall);
  if (!wait || isSomebodyAtIt(stall) || wait.name !== PHASES.wait) return [];
  return endedDuring(sharedSetup(tree, wait), stall);
}

const isSomebodyAtIt = (span: Span): boolean =>
  typeOf(span) === 'stall' && IS_AT_IT.has(textAt(span.attributes, 'headwater.stall') ?? '');

/**
 * A look-up serves every request to the host; a connect and a handshake those that ride on the connection. Of a request
 * that the browser held back for the sake of one HTTP/2 connection (`…THROTTLED`) NetLog does not tell which it rode on.
 */
function sharedSetup(tree: Tree, wait: Span): Span[] {
  const request = tree.parentOf(wait);
  if (!request || typeOf(request) !== 'request') return [];
  const connection = tree.spanNamed(textAt(request.attributes, HEADWATER.connection));
  const payer = connection && textAt(connection.attributes, HEADWATER.paidBy);
  const mayShare = (phase: Span) => phase.layer === 'dns' || phase.parentId === payer || wasHeldBack(request);
  return endedDuring(setupOf(tree).get(hostOf(request)) ?? [], wait).filter(
    (phase) => phase.parentId !== request.spanId && mayShare(phase),
  );
}

function wasHeldBack({ attributes }: Span): boolean {
  const stalls = attributes['headwater.stalls'];
  const isHeldBack = Array.isArray(stalls) && (stalls as unknown[]).includes('HTTP_STREAM_JOB_THROTTLED');
  return isHeldBack && textAt(attributes, HEADWATER.connection) === undefined;
}

/** @param phases by end */
function endedDuring(phases: readonly Span[], wait: Span): Span[] {
  let low = 0;
  let high = phases.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (phases[middle]!.endNs > wait.startNs) high = middle;
    else low = middle + 1;
  }
  const found: Span[] = [];
  for (let i = low; i < phases.length; i++) {
    const phase = phases[i]!;
    if (phase.endNs > wait.endNs + phase.precisionNs) break;
    found.push(phase);
  }
  return found;
}

const setupByTree = new WeakMap<Tree, ReadonlyMap<string, readonly Span[]>>();

/** The phases that set connections up, by host, each list by end. */
function setupOf(tree: Tree): ReadonlyMap<string, readonly Span[]> {
  const known = setupByTree.get(tree);
  if (known) return known;
  const byHost = new Map<string, Span[]>();
  for (const span of spansOfType(tree, 'phase')) {
    if (!SETUP.has(span.layer) || span.endNs <= span.startNs) continue;
    const request = tree.parentOf(span);
    if (!request || typeOf(request) !== 'request') continue;
    const host = hostOf(request);
    const phases = byHost.get(host);
    if (phases) phases.push(span);
    else byHost.set(host, [span]);
  }
  for (const phases of byHost.values()) phases.sort((a, b) => a.endNs - b.endNs);
  setupByTree.set(tree, byHost);
  return byHost;
}

const hostOf = ({ attributes }: Span): string =>
  `${textAt(attributes, 'server.address')}:${textAt(attributes, 'server.port')}`;
