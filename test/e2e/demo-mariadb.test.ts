/** The same journey with MariaDB behind the shop, the system's own server: the same shape of trace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findProgram } from '../../probe/program-path.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { Home, reportIn } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());

async function demo(...args: readonly string[]): Promise<RunView> {
  const said = await home.run('demo', '--once', '--json', '--database', 'mariadb', ...args);
  const { traceId } = reportIn(said);
  const store = openStore(home.storePath);
  const view = store.run(traceId);
  store.close();
  if (!view) throw new Error('the run is not in the store');
  return view;
}

const typed = (view: RunView, type: string) =>
  view.trace.spans.filter((span) => span.attributes[HEADWATER.type] === type);
const parentOf = (view: RunView, { parentId }: Span) =>
  view.trace.spans.find(({ spanId }) => spanId === parentId);
const queryOf = (span: Span) => String(span.attributes['db.query.text']);

describe.skipIf(!findProgram('mariadbd'))('the demo on MariaDB (skipped without mariadbd)', () => {
  let view: RunView;
  beforeAll(async () => {
    view = await demo();
  });

  it('walks the journey to its end, every nanosecond accounted for', () => {
    expect(view.report.status).toBe('ok');
    expect(view.report.steps).toHaveLength(5);
    expect(view.report.ledger.reduce((sum, { ns }) => sum + ns, 0)).toBe(view.report.wallNs);
    expect(view.report.warnings).toEqual([]);
  });

  it('has what the database said under the client span that asked, inside its time', () => {
    const statements = typed(view, 'db_server').filter(({ name }) => name !== 'lock wait');
    expect(statements.length).toBeGreaterThanOrEqual(10);
    for (const statement of statements) {
      const client = parentOf(view, statement);
      expect([client?.source, client?.kind, client?.layer]).toEqual(['otlp', 'client', 'db']);
      expect(statement.source).toBe('mariadb');
      expect(statement.startNs).toBeGreaterThanOrEqual(client?.startNs ?? Number.POSITIVE_INFINITY);
      expect(statement.endNs).toBeLessThanOrEqual(client?.endNs ?? 0);
    }
  });

  it('answers every client span of the database, transactions too', () => {
    const clients = view.trace.spans.filter(({ layer, kind }) => layer === 'db' && kind === 'client');
    expect(clients.map(queryOf)).toEqual(expect.arrayContaining(['BEGIN', 'COMMIT']));
    const answered = new Set(typed(view, 'db_server').map(({ parentId }) => parentId));
    expect(clients.filter(({ spanId }) => !answered.has(spanId)).map(queryOf)).toEqual([]);
  });

  it('tells how many rows were examined', () => {
    const catalogue = typed(view, 'db_server').find((span) =>
      /FROM product ORDER BY id$/.test(queryOf(span)),
    );
    expect(catalogue?.attributes).toMatchObject({ 'mariadb.rows_sent': 20, 'mariadb.rows_examined': 20 });
  });

  it('keeps no typed text', () => {
    expect(JSON.stringify(view)).not.toContain('ada.marsh@');
  });

  it('db-seq-scan: the verdict names the table', async () => {
    const { report } = await demo('--fault', 'db-seq-scan');
    expect([report.verdict.layer, report.verdict.cause]).toEqual(['db', 'db.seq_scan']);
    expect(report.verdict.sentence).toContain('orders');
  });
});
