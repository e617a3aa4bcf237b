/** Which runs: a filter as SQL over the table `runs`, values apart from the text. */
import type { RunFilter } from '../model/journey.ts';

export interface Where {
  /** `WHERE …`, or nothing. */
  readonly sql: string;
  readonly values: readonly (string | bigint)[];
}

/** A word is looked for in all of these at once. A line break keeps it from spanning two. */
const SEARCHED = ['sentence', 'journey', 'site', 'component', 'cause', 'layer', 'status', 'trace_id'].join(
  ' || char(10) || ',
);

export function whereOf(filter: RunFilter, always?: string): Where {
  const terms: string[] = always ? [always] : [];
  const values: (string | bigint)[] = [];
  const add = (term: string, ...given: (string | bigint)[]): void => {
    terms.push(term);
    values.push(...given);
  };
  if (filter.journey !== undefined) add('journey = ?', filter.journey);
  if (filter.site !== undefined) add('site = ?', filter.site);
  if (filter.status !== undefined) add('status = ?', filter.status);
  if (filter.layer !== undefined) add('layer = ?', filter.layer);
  if (filter.sinceUnixNano !== undefined) add('start_unix_nano >= ?', filter.sinceUnixNano);
  if (filter.untilUnixNano !== undefined) add('start_unix_nano <= ?', filter.untilUnixNano);
  for (const word of filter.words ?? []) add(`instr(lower(${SEARCHED}), lower(?)) > 0`, word);
  if (filter.before) {
    const { startUnixNano, traceId } = filter.before;
    // the first term is for the index, the second for runs that began in the same nanosecond
    add('start_unix_nano <= ?', BigInt(startUnixNano));
    add('(start_unix_nano < ? OR trace_id > ?)', BigInt(startUnixNano), traceId);
  }
  return { sql: terms.length ? `WHERE ${terms.join(' AND ')}` : '', values };
}
