/** What finished replays tell: addresses of hosts, and a login that has expired. */
import { textAt, typeOf } from '../../analyse/tree.ts';
import type { RunView } from '../../model/report.ts';
import type { Span } from '../../model/trace.ts';

const requestsOf = (view: RunView): Span[] => view.trace.spans.filter((span) => typeOf(span) === 'request');

/** Host → the address that the browser talked to. */
export function addressesIn(views: readonly RunView[]): Record<string, string> {
  const addresses: Record<string, string> = {};
  for (const span of views.flatMap(requestsOf)) {
    const [host, address] = [
      textAt(span.attributes, 'server.address'),
      textAt(span.attributes, 'network.peer.address'),
    ];
    if (host && address && host !== address && !(host in addresses))
      addresses[host] = address.replace(/^\[|\]$/g, '');
  }
  return addresses;
}

const UNKNOWN_CALLER = new Set([401, 403, 407]);
const statusOf = (span: Span): number => Number(span.attributes['http.response.status_code'] ?? 0);
const pathOf = (span: Span): string => {
  const url = textAt(span.attributes, 'url.full') ?? '';
  return URL.canParse(url) ? new URL(url).pathname : url;
};

/** Answered well in the original, refused now: somebody was logged in then. */
export function refusedNow(
  original: RunView | undefined,
  view: RunView,
): { path: string; status: number } | undefined {
  const wereFine =
    original &&
    new Set(
      requestsOf(original)
        .filter((span) => statusOf(span) < 400)
        .map(pathOf),
    );
  const refused = requestsOf(view).find(
    (span) => UNKNOWN_CALLER.has(statusOf(span)) && (!wereFine || wereFine.has(pathOf(span))),
  );
  return refused && { path: pathOf(refused), status: statusOf(refused) };
}
