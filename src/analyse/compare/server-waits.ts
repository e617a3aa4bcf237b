/**
 * How long a run waited for its servers, request by request, on the critical path. One who saw servers calls that time
 * theirs, one who did not the network's: together it is the same wait.
 *
 * ```
 * browser only    |send|------------- network.unexplained -------------|
 * with servers    |send|out| lb | service |== db.seq_scan ==|service|back|     both waited as long
 * ```
 */
import type { Layer } from '../../model/layer.ts';
import type { RunView } from '../../model/report.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import { isSilent } from '../causes/page-requests.ts';
import { spansOfType, textAt, treeOf, typeOf } from '../tree.ts';
import { addressParts, pathTemplate } from './template.ts';

export const BEHIND_THE_WAIT: ReadonlySet<Layer> = new Set(['network', 'lb', 'service', 'db']);

/** By `GET /orders/{n}`: where it was asked for may differ from run to run. */
export function serverWaits({ path, trace }: Pick<RunView, 'path' | 'trace'>): Map<string, Nanos> {
  const tree = treeOf(trace);
  const waits = new Map<string, Nanos>();
  for (const { spanId, layer, startNs, endNs } of path) {
    if (!BEHIND_THE_WAIT.has(layer)) continue;
    let span = tree.spanById.get(spanId);
    while (span && typeOf(span) !== 'request') span = tree.parentOf(span);
    if (!span) continue;
    const name = nameOf(span);
    waits.set(name, (waits.get(name) ?? 0) + endNs - startNs);
  }
  return waits;
}

/** Of what a run asked for, that of which a server told; named as in its waits. */
export function heardOf({ trace }: Pick<RunView, 'trace'>): Set<string> {
  const tree = treeOf(trace);
  const heard = spansOfType(tree, 'request').filter((request) => !isSilent(request, tree));
  return new Set(heard.map(nameOf));
}

/** All that a run asked for, waited for or not; named as in its waits. */
export const askedIn = ({ trace }: Pick<RunView, 'trace'>): Set<string> =>
  new Set(spansOfType(treeOf(trace), 'request').map(nameOf));

function nameOf({ attributes }: Span): string {
  const url = addressParts(textAt(attributes, 'url.full') ?? '');
  const method = textAt(attributes, 'http.request.method') ?? 'GET';
  return `${method} ${url ? pathTemplate(url.path) : '?'}`;
}
