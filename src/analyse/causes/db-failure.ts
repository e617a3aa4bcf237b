/** How a database refused or gave up: by its own code in its report, or by the words its client repeats. */
import type { Cause } from '../../model/layer.ts';
import type { Span } from '../../model/trace.ts';
import { type Tree, textAt } from '../tree.ts';

interface Failure {
  readonly cause: Cause;
  /** SQLSTATE, as PostgreSQL logs it. */
  readonly code: string;
  /** PostgreSQL's, then MySQL's and MariaDB's words. */
  readonly words: RegExp;
}

const FAILURES: readonly Failure[] = [
  { cause: 'db.deadlock', code: '40P01', words: /deadlock detected|Deadlock found when trying to get lock/i },
  {
    cause: 'db.connections_exhausted',
    code: '53300',
    words: /too many clients already|remaining connection slots are reserved|Too many connections/i,
  },
  {
    cause: 'db.statement_timeout',
    code: '57014',
    words: /due to statement timeout|max_statement_time exceeded|maximum statement execution time exceeded/i,
  },
  {
    cause: 'db.lock_wait',
    code: '55P03',
    words: /due to lock timeout|could not obtain lock|Lock wait timeout exceeded/i,
  },
];

/** Why this client's call failed in the database, if it did. */
export function failureOf(client: Span, tree: Tree): Cause | undefined {
  if (client.status.code !== 'error') return undefined;
  const codes = tree
    .childrenOf(client)
    .map(({ attributes }) => textAt(attributes, 'db.response.status_code'));
  const said = wordsOf(client);
  // 57014 is also what a person's cancel gets: then the words decide
  return FAILURES.find(({ code, words }) => words.test(said) || (code !== '57014' && codes.includes(code)))
    ?.cause;
}

const wordsOf = ({ status, events }: Span): string =>
  [
    status.message ?? '',
    ...events.map(({ attributes }) => textAt(attributes, 'exception.message') ?? ''),
  ].join('\n');
