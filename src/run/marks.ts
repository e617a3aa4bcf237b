/** Deployments and other things that somebody marked, so that a change can be told by their names. */
import type { Mark } from '../model/shift.ts';
import type { Store } from '../store/store.ts';

const KIND = 'mark';

/** The same name at the same time is the same mark. */
export function keepMark({ name, unixMs }: Mark, store: Pick<Store, 'keepRecord'>): void {
  store.keepRecord(KIND, { key: `${unixMs} ${name}`, atUnixMs: unixMs, body: { name } });
}

/** @returns how many there were of this name */
export function dropMarks(name: string, store: Pick<Store, 'records' | 'dropRecord'>): number {
  const records = store.records(KIND).filter(({ body }) => nameIn(body) === name);
  for (const { key } of records) store.dropRecord(KIND, key);
  return records.length;
}

/** Newest first; the last 1 000. */
export const marksIn = (store: Pick<Store, 'records'>, sinceUnixMs?: number): Mark[] =>
  store.records(KIND, sinceUnixMs === undefined ? {} : { sinceUnixMs }).flatMap(({ atUnixMs, body }) => {
    const name = nameIn(body);
    return name === undefined ? [] : [{ name, unixMs: atUnixMs }];
  });

function nameIn(body: unknown): string | undefined {
  const name = (body as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name : undefined;
}
