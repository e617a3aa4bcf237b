/** What is read of a span that somebody reported, whichever convention it follows. */
import { HEADWATER, spanType } from '../model/attributes.ts';
import type { ReportedSpan } from '../model/span.ts';
import { originOf } from './addresses.ts';

export const ACTION_TARGET = 'headwater.action.target';
export const RESOURCE_TYPE = 'headwater.resource_type';

export const textAt = (span: ReportedSpan, key: string): string | undefined => {
  const value = span.attributes[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
export const typeOf = (span: ReportedSpan) => spanType(span.attributes[HEADWATER.type]);
export const byStart = (a: ReportedSpan, b: ReportedSpan): number =>
  a.startUnixNano < b.startUnixNano ? -1 : a.startUnixNano > b.startUnixNano ? 1 : 0;
export const methodOf = (span: ReportedSpan): string =>
  (textAt(span, 'http.request.method') ?? textAt(span, 'http.method') ?? 'GET').toUpperCase();

/** `url.full`, or what older and other conventions have instead; a server knows its own name. */
export function addressOf(span: ReportedSpan): string | undefined {
  const full = textAt(span, 'url.full') ?? textAt(span, 'http.url');
  if (full !== undefined && originOf(full)) return full;
  const path = textAt(span, 'url.path') ?? textAt(span, 'http.target') ?? full;
  if (!path?.startsWith('/')) return undefined;
  const scheme = textAt(span, 'url.scheme') ?? textAt(span, 'http.scheme') ?? 'http';
  const host = textAt(span, 'server.address') ?? textAt(span, 'http.host');
  const port = span.attributes['server.port'];
  const query = textAt(span, 'url.query');
  const isOtherPort =
    typeof port === 'number' && port !== (scheme === 'https' ? 443 : 80) && !host?.includes(':');
  const origin = host && `${scheme}://${host}${isOtherPort ? `:${port}` : ''}`;
  const address = `${origin ?? ''}${path}${query && !path.includes('?') ? `?${query}` : ''}`;
  return origin && originOf(address) ? address : undefined;
}
