/**
 * Load balancers that report by OpenTelemetry say nowhere that they are one. Two signs tell: the name of a program
 * that only passes requests on (`proxyProgram`), and the shape of what it did:
 *
 * ```
 * // server span of A   |----------------|      GET /cart
 * // server span of B     |-----------|         GET /cart again, straight below, no client span between
 * ```
 * A service that calls another has a client span, or asks for something else; who answers a request with the very same
 * one has forwarded it. A span with a route of its own (`http.route`) is an application's.
 *
 * The reports stay as they are in the store; their copies here say `headwater.type`, `.layer` and what told it.
 */
import { HEADWATER } from '../model/attributes.ts';
import type { Attributes, ReportedSpan } from '../model/span.ts';
import { classify, proxyProgram } from './classify.ts';
import type { DraftTable } from './draft-table.ts';
import type { Naming } from './read-reports.ts';

/** @param untold rows of reports whose source did not say what they are: it knows better */
export function recogniseProxies(table: DraftTable, untold: readonly number[], naming: Naming): void {
  const { reports } = table;
  const childrenOf = childrenOfForwarders(reports, untold, naming);
  const programOf = rememberPrograms();
  const found: [row: number, report: ReportedSpan][] = [];
  for (const row of untold) {
    const report = reports[row]!;
    const program = programOf(report);
    if (program) found.push([row, marked(report, program.name, program.sign)]);
    else if (isForwarder(report, childrenOf.get(naming.numbers[row]!) ?? []))
      found.push([row, marked(report, String(report.resource['service.name'] ?? report.source), FORWARDS)]);
  }
  for (const [row, report] of found) {
    reports[row] = report;
    table.put(row, classify(report));
    table.draft(row).note(takenForProxy(String(report.attributes[HEADWATER.proxySign])));
  }
}

export const takenForProxy = (sign: string): string => `taken for a load balancer: ${sign}`;

/** Spans of one process share what tells its program; `component` is each span's own. */
function rememberPrograms(): typeof proxyProgram {
  const programByScope = new Map<Attributes, Map<string | undefined, ReturnType<typeof proxyProgram>>>();
  return (report) => {
    if (report.attributes.component !== undefined) return proxyProgram(report);
    const known = programByScope.get(report.resource) ?? new Map();
    programByScope.set(report.resource, known);
    if (!known.has(report.scope)) known.set(report.scope, proxyProgram(report));
    return known.get(report.scope);
  };
}

const FORWARDS = 'it forwarded the very request that it received';

/** Only the span that received the request is the proxy; its router's and client's spans are work inside it. */
function marked(report: ReportedSpan, component: string, sign: string): ReportedSpan {
  const attributes: Attributes = {
    ...report.attributes,
    ...(report.kind === 'server' ? { [HEADWATER.type]: 'proxy' } : undefined),
    [HEADWATER.layer]: 'lb',
    [HEADWATER.component]: component,
    [HEADWATER.proxySign]: sign,
  };
  return { ...report, attributes };
}

/** Of a server: it may have forwarded what it was asked, as far as its own span tells. */
const mayForward = ({ attributes }: ReportedSpan): boolean =>
  attributes['http.route'] === undefined && requestLine(attributes) !== undefined;

function isForwarder(report: ReportedSpan, children: readonly ReportedSpan[]): boolean {
  if (children.length === 0) return false;
  const request = requestLine(report.attributes);
  return children.every(
    (child) =>
      child.kind === 'server' &&
      child.resource['service.name'] !== report.resource['service.name'] &&
      requestLine(child.attributes) === request,
  );
}

/** `GET /cart`, in today's names or those before semantic conventions 1.21; undefined when it is not told. */
export function requestLine(attributes: Attributes): string | undefined {
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  const target =
    attributes['url.path'] ?? attributes['http.target'] ?? attributes['url.full'] ?? attributes['http.url'];
  if (typeof method !== 'string' || typeof target !== 'string') return undefined;
  const path = /^(?:[a-z][a-z+.-]*:\/\/[^/?#]*)?([^?#]*)/i.exec(target)?.[1] || '/';
  return `${method} ${path}`;
}

/** Children by the number of their parent's id, of those only that may have forwarded. */
function childrenOfForwarders(
  reports: readonly ReportedSpan[],
  untold: readonly number[],
  { numbers, parentNumbers }: Naming,
): Map<number, ReportedSpan[]> {
  const childrenOf = new Map<number, ReportedSpan[]>();
  for (const row of untold) {
    const report = reports[row]!;
    if (report.kind === 'server' && mayForward(report)) childrenOf.set(numbers[row]!, []);
  }
  if (childrenOf.size > 0)
    for (let row = 0; row < numbers.length; row++) childrenOf.get(parentNumbers[row]!)?.push(reports[row]!);
  return childrenOf;
}
