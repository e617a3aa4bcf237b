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
import { databaseSystem, proxyProgram, typeOf } from './classify.ts';

export function recogniseProxies(reports: readonly ReportedSpan[]): ReportedSpan[] {
  const childrenOf = childrenByParent(reports);
  return reports.map((report) => {
    if (!mayBeProxy(report)) return report;
    const program = proxyProgram(report);
    if (program) return marked(report, program.name, program.sign);
    return report.kind === 'server' && isForwarder(report, childrenOf.get(report.spanId) ?? [])
      ? marked(report, String(report.resource['service.name'] ?? report.source), FORWARDS)
      : report;
  });
}

const FORWARDS = 'it forwarded the very request that it received';

/** A source that says what its span is knows better; a database's client is no proxy, whoever runs it. */
const mayBeProxy = ({ attributes }: ReportedSpan): boolean =>
  typeOf(attributes) === undefined &&
  attributes[HEADWATER.layer] === undefined &&
  databaseSystem(attributes) === undefined;

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

function isForwarder(report: ReportedSpan, children: readonly ReportedSpan[]): boolean {
  const request = requestLine(report.attributes);
  if (!request || children.length === 0 || report.attributes['http.route'] !== undefined) return false;
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

function childrenByParent(reports: readonly ReportedSpan[]): Map<string, ReportedSpan[]> {
  const childrenOf = new Map<string, ReportedSpan[]>();
  for (const report of reports) {
    if (!report.parentSpanId) continue;
    const children = childrenOf.get(report.parentSpanId);
    if (children) children.push(report);
    else childrenOf.set(report.parentSpanId, [report]);
  }
  return childrenOf;
}
