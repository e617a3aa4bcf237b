/** How a database refused or gave up: by its own code in its report, or by the words its client repeats. */
import type { Cause } from '../../model/layer.ts';
import type { Span } from '../../model/trace.ts';
import { databaseClients, isDatabaseClient, type Tree, textAt } from '../tree.ts';

interface Failure {
  readonly cause: Cause;
  /** SQLSTATE of PostgreSQL, then the numbers of MySQL and MariaDB. */
  readonly codes: readonly string[];
  /** PostgreSQL's, then MySQL's and MariaDB's words, then SQL Server's. */
  readonly words: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    cause: 'db.deadlock',
    codes: ['40P01', '1213'],
    words:
      /deadlock detected|Deadlock found when trying to get lock|was deadlocked on lock|SQLSTATE[ :[(]*40P01/i,
  },
  {
    cause: 'db.connections_exhausted',
    codes: ['53300', '1040', '1203'],
    words:
      /too many clients already|remaining connection slots are reserved|Too many connections|max_user_connections|no more connections allowed|SQLSTATE[ :[(]*53300/i,
  },
  {
    cause: 'db.statement_timeout',
    codes: ['1969', '3024'],
    words: /due to statement timeout|max_statement_time exceeded|maximum statement execution time exceeded/i,
  },
  {
    cause: 'db.lock_wait',
    codes: ['55P03', '1205'],
    words: /due to lock timeout|could not obtain lock|Lock wait timeout exceeded|SQLSTATE[ :[(]*55P03/i,
  },
];

/** Why this client's call failed in the database, if it did. Codes are the client's own, or those of the database's report. */
export function failureOf(client: Span, tree: Tree): Cause | undefined {
  if (client.status.code !== 'error') return undefined;
  const codes = [client, ...tree.childrenOf(client)].flatMap(({ attributes }) =>
    ['db.response.status_code', 'error.type'].map((name) => textAt(attributes, name)),
  );
  const said = wordsOf(client);
  return FAILURES.find(
    (failure) => failure.words.test(said) || failure.codes.some((code) => codes.includes(code)),
  )?.cause;
}

/** What the database refused, as a service noted it that does not trace its database client. */
const failureNotedBy = (span: Span): Cause | undefined =>
  FAILURES.find(({ words }) => words.test(wordsOf(span)))?.cause;

export interface DatabaseFailure {
  readonly cause: Cause;
  readonly component: string;
  /** That failed, in the program that asked. */
  readonly span: Span;
}

/**
 * Where the error came from that failed this request:
 * ```
 * // request        |------------------------------| 500
 * // web              |--------------------------| passes it on
 * // stock              |----------------------|   the innermost that noted it
 * // update …             |---✗  |---✗             a client knows best, and its last try decided
 * ```
 */
export function databaseFailureBelow(request: Span, tree: Tree): DatabaseFailure | undefined {
  const clients: DatabaseFailure[] = [];
  const noted: DatabaseFailure[] = [];
  const stack = [request];
  for (let at = stack.pop(); at; at = stack.pop()) {
    stack.push(...tree.childrenOf(at));
    const isClient = isDatabaseClient(at);
    const cause = isClient ? failureOf(at, tree) : at.layer === 'service' ? failureNotedBy(at) : undefined;
    if (cause === undefined) continue;
    if (isClient) clients.push({ cause, component: at.component, span: at });
    else noted.push({ cause, component: databaseOf(at, tree), span: at });
  }
  const last = clients.sort((a, b) => b.span.endNs - a.span.endNs)[0];
  return last ?? noted.sort((a, b) => a.span.endNs - b.span.endNs)[0];
}

/** Which database this service asks, as far as anything shows. */
function databaseOf(service: Span, tree: Tree): string {
  const { components, parents } = tree.list;
  const client = databaseClients(tree).find((place) => components[parents[place]!] === service.component);
  return client === undefined ? `the database of ${service.component}` : components[client]!;
}

const wordsOf = ({ status, events }: Span): string =>
  [
    status.message ?? '',
    ...events.map(({ attributes }) => textAt(attributes, 'exception.message') ?? ''),
  ].join('\n');
