/** Whom a call went to, as its caller knew it: host and port, else the name of a peer or of a queue of messages. */
import type { Span } from '../../model/trace.ts';
import { numberAt, textAt } from '../tree.ts';

export interface Address {
  /** The same for all calls to one place. */
  readonly key: string;
  /** For people. */
  readonly host: string;
  readonly port?: number;
}

const HOST_KEYS = [
  'server.address',
  'net.peer.name',
  'peer.service',
  'rpc.service',
  'messaging.destination.name',
];
const PORT_KEYS = ['server.port', 'net.peer.port'];
const URL_KEYS = ['url.full', 'http.url'];
/** `scheme://user@host:port/…`; what is no such address names nobody. */
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]+)(?::(\d{1,5}))?/i;

/** Undefined when the call does not say. */
export function addressOf({ attributes }: Pick<Span, 'attributes'>): Address | undefined {
  const host = firstOf(HOST_KEYS, (key) => textAt(attributes, key) || undefined);
  const port = firstOf(PORT_KEYS, (key) => numberAt(attributes, key));
  if (host !== undefined) return address(host, port);
  const url = AUTHORITY.exec(firstOf(URL_KEYS, (key) => textAt(attributes, key)) ?? '');
  return url?.[1] === undefined
    ? undefined
    : address(url[1], url[2] === undefined ? undefined : Number(url[2]));
}

const address = (host: string, port: number | undefined): Address => ({
  key: `${host.toLowerCase()}:${port ?? ''}`,
  host,
  ...(port !== undefined && { port }),
});

function firstOf<T>(keys: readonly string[], read: (key: string) => T | undefined): T | undefined {
  for (const key of keys) {
    const value = read(key);
    if (value !== undefined) return value;
  }
  return undefined;
}
