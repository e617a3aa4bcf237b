/**
 * Why a name was not resolved at all. The browser only says that it was not (`ERR_NAME_NOT_RESOLVED`); the queries for
 * it say whether it is gone, has no address, or nobody who knows could be asked.
 */
import type { Cause } from '../../model/layer.ts';
import type { Span } from '../../model/trace.ts';
import { spansOfType, type Tree, textAt } from '../tree.ts';

export interface DnsFailure {
  readonly cause: Cause;
  readonly component: string;
  readonly what: string;
  readonly next: string;
  /** The query that proves it. */
  readonly span: Span;
}

/** Undefined where no query for the host was seen, or one brought an address. */
export function dnsFailure(host: string, tree: Tree): DnsFailure | undefined {
  const queries = spansOfType(tree, 'dns_query').filter((span) => isForAddressOf(span, host));
  if (queries.some((span) => span.attributes['dns.answers'] !== undefined)) return undefined;
  const gone = queries.find((span) => rcodeOf(span) === 'NXDOMAIN');
  if (gone) return goneName(host, gone);
  const failed = queries.filter((span) => errorOf(span) !== undefined && errorOf(span) !== 'aborted');
  const last = failed.at(-1);
  if (last) return failedServers(host, last, failed);
  const empty = queries.find((span) => rcodeOf(span) === 'NOERROR' && isLeaf(span));
  return empty && noAddress(host, empty);
}

const errorOf = (span: Span): string | undefined => textAt(span.attributes, 'error.type');
const rcodeOf = (span: Span): string | undefined => textAt(span.attributes, 'headwater.dns.rcode');

/** Not a referral to another server, nor an alias: the end of its search. */
const isLeaf = ({ attributes }: Span): boolean =>
  attributes['headwater.dns.referral'] === undefined && attributes['headwater.dns.aliases'] === undefined;

function isForAddressOf({ attributes }: Span, host: string): boolean {
  const type = textAt(attributes, 'headwater.dns.question_type');
  if (attributes['headwater.dns.for_name_server'] !== undefined) return false;
  const asked = textAt(attributes, 'headwater.dns.asked_for') ?? textAt(attributes, 'dns.question.name');
  return asked === host && (type === undefined || type === 'A' || type === 'AAAA');
}

const goneName = (host: string, span: Span): DnsFailure => ({
  cause: 'dns.nxdomain',
  component: host,
  what: `the name ${host} does not exist: ${span.component} answered NXDOMAIN`,
  next: `Is ${host} spelt right, and still in its zone? Ask its name servers: dig ${host} +trace`,
  span,
});

const noAddress = (host: string, span: Span): DnsFailure => ({
  cause: 'dns.no_address',
  component: host,
  what: `the name ${host} exists but has no address: ${span.component} answered without one`,
  next: `Add an A or AAAA record for ${host} to its zone; look at what is there: dig ${host} A +trace`,
  span,
});

/** The first of the servers is named, and all of them are listed: each one failed. */
function failedServers(host: string, span: Span, failed: readonly Span[]): DnsFailure {
  const how = [...new Set(failed.map((one) => `${one.component}: ${errorOf(one)}`))];
  const isSilence = failed.every((one) => errorOf(one) === 'timeout');
  return {
    cause: isSilence ? 'dns.timeout_retry' : 'dns.servfail_retry',
    component: failed[0]?.component ?? span.component,
    what: `no name server could say where ${host} is (${how.slice(0, 4).join(', ')})`,
    next: isSilence
      ? `Are these name servers reachable from here? dig ${host} +trace`
      : `Do these name servers still serve the zone of ${host}? Ask each of them directly (dig).`,
    span,
  };
}
