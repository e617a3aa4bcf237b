/**
 * nginx's tries at upstream servers: parallel lists, one entry a try, `-` for what a try did not reach.
 *
 * ```
 * ua  "10.0.0.1:80, 10.0.0.2:80"      sent                                             end
 * us  "504, 200"                        |------- urt[0] -------|------ urt[1] ------|    |
 * uct "-, 0.002"                                               |-uct-|
 * uht "-, 0.009"                                               |----uht----|
 * urt "0.401, 0.010"                           try 1             connect|server|transfer
 * ```
 * All times of a try count from the try's own start, in seconds with whole milliseconds. Only the first try's start is
 * stamped; the later ones are computed. Groups after an internal redirect are separated by ` : `.
 *
 * https://nginx.org/en/docs/http/ngx_http_upstream_module.html#var_upstream_addr
 */
import type { ProxyEnding } from '../model/attributes.ts';

export interface NginxTry {
  /** `address:port`, or the name of the upstream group when none of its servers was up. */
  readonly server: string;
  /** The answer's status, or the one that nginx gave the failure. */
  readonly status: number | undefined;
  /** From the try's start, ms. */
  readonly connectMs: number | undefined;
  readonly headerMs: number | undefined;
  readonly responseMs: number;
}

/** More tries than any `proxy_next_upstream_tries` makes sense for; a longer list is damage. */
const MAX_TRIES = 100;

export interface NginxLists {
  readonly ua: unknown;
  readonly us: unknown;
  readonly uct: unknown;
  readonly uht: unknown;
  readonly urt: unknown;
}

/** `isUneven` when the lists tell of different numbers of tries; what is missing is unknown then. */
export function nginxTries(lists: NginxLists): { tries: NginxTry[]; isUneven: boolean } {
  const servers = entries(lists.ua);
  const others = [lists.us, lists.uct, lists.uht, lists.urt].map(entries);
  const [statuses = [], connects = [], headers = [], responses = []] = others;
  const tries = servers.slice(0, MAX_TRIES).map((server, i) => ({
    server,
    status: wholeNumber(statuses[i]),
    connectMs: msOf(connects[i]),
    headerMs: msOf(headers[i]),
    responseMs: msOf(responses[i]) ?? 0,
  }));
  const isUneven = servers.length > MAX_TRIES || others.some((list) => list.length !== servers.length);
  return { tries, isUneven };
}

const entries = (list: unknown): string[] =>
  typeof list === 'string' && list.trim() !== '' ? list.split(/, | : /).map((entry) => entry.trim()) : [];

const wholeNumber = (text: string | undefined): number | undefined =>
  text && /^\d{1,9}$/.test(text) ? Number(text) : undefined;

/** A day is longer than any proxy waits: what is above is damage. */
const MAX_SECONDS = 86_400;

/** Seconds as nginx prints them, `0.401`, to ms. */
export function msOf(seconds: unknown): number | undefined {
  if (typeof seconds !== 'string' || !/^\d{1,7}(\.\d{1,6})?$/.test(seconds)) return undefined;
  return Number(seconds) <= MAX_SECONDS ? Math.round(Number(seconds) * 1_000) : undefined;
}

/** Did a server answer this try? Without a header's time, the status is nginx's own. */
export const isAnswered = (attempt: NginxTry): boolean => attempt.headerMs !== undefined;

/** No port: it is the group's name, because no server of it was up. */
const isGroup = (server: string): boolean => !/:\d+$|^unix:/.test(server);

/**
 * Why a try brought nothing. nginx says 504 for its own timeouts and 502 for everything else; a try without a status
 * was given up because the client had gone.
 */
export function endingOf(attempt: NginxTry): ProxyEnding {
  if (isGroup(attempt.server)) return 'no_server';
  const isConnected = attempt.connectMs !== undefined;
  if (attempt.status === undefined) return 'client_gone';
  if (attempt.status === 504) return isConnected ? 'server_timeout' : 'connect_timeout';
  return isConnected ? 'server_failed' : 'connect_failed';
}

export const ENDING_WORDS: Readonly<Record<ProxyEnding, string>> = {
  no_server: 'no server was up',
  queue_timeout: 'the queue for a server took too long',
  connect_timeout: 'the server did not take the connection in time',
  connect_failed: 'the server refused the connection',
  server_timeout: 'the server did not answer in time',
  server_failed: 'the server broke off before its answer was complete',
  client_gone: 'the client gave up',
  refused: 'the proxy answered by itself',
};
