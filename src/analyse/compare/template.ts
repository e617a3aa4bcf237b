/**
 * What two addresses, names or statements have in common when only their values differ.
 *
 *   /orders/4711/items?page=2&sort=asc   /orders/{n}/items?page&sort
 *   /assets/app-B7x2kQ9f.js              /assets/app-{hash}.js
 *   connect 127.0.0.1:38543              connect 127.0.0.1
 */
import { lastingName } from '../lasting-name.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Hex digits that are no word: eight or more, at least one of them a figure. */
const HEX_ID = /(?<![\w.])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?![\w])/gi;
const NUMBER = /(?<![\w.])\d+(?![\w.])/g;
/** A build's mark in the name of a file: `app-B7x2kQ9f.js`, `main.1a2b3c4d.css`. */
const FILE_HASH = /(?<=[-._])(?=\w*\d|[a-z]*[A-Z]+[a-z])\w{6,32}(?=(?:\.\w{1,8}){1,2}$)/g;
/** An identifier of its own: long, with figures and letters mixed. */
const TOKEN = /^(?=.*\d)(?=.*[a-z])[\w-]{16,}$/i;
/** DNS writes the port of a service in front: `_8443._https.shop.example`. */
const SERVICE_PORT = /(?<=^|\s)_\d+(?=\._)/g;

export const nameTemplate = (name: string): string =>
  lastingName(name)
    .replace(SERVICE_PORT, '_{port}')
    .replace(UUID, '{id}')
    .replace(HEX_ID, '{id}')
    .replace(NUMBER, '{n}');

/** Path with its values replaced, and the names of the query, in order. */
export function pathTemplate(path: string, query = ''): string {
  const segments = path.split('/').map(segmentTemplate).join('/');
  const names = query
    .replace(/^\?/, '')
    .split('&')
    .map((pair) => pair.split('=')[0] ?? '')
    .filter(Boolean)
    .sort();
  return names.length > 0 ? `${segments}?${names.join('&')}` : segments;
}

function segmentTemplate(segment: string): string {
  if (/^\d+$/.test(segment)) return '{n}';
  const known = segment.replace(UUID, '{id}');
  if (known !== segment) return known;
  if (TOKEN.test(segment) && !segment.includes('-')) return '{id}';
  return segment
    .replace(FILE_HASH, '{hash}')
    .replace(HEX_ID, '{id}')
    .replace(/(?<![\w.{])\d+(?![\w}])/g, '{n}');
}

export interface AddressParts {
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@?#]*@)?(\[[^\]]*\]|[^/:?#]*)(?::\d*)?([^?#]*)(\?[^#]*)?/i;

/** Read by hand: the standard parser takes twenty times as long, and a trace has many. */
export function addressParts(url: string): AddressParts | undefined {
  const match = ADDRESS.exec(url);
  return match ? { host: match[1] ?? '', path: match[2] || '/', query: match[3] ?? '' } : undefined;
}
