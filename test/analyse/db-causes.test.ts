import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import { client, told, verdict } from './asked-database.ts';

describe('MariaDB', () => {
  const scan = {
    'mariadb.full_scan': true,
    'mariadb.rows_examined': 60_000,
    'mariadb.rows_sent': 1,
    'mariadb.scan.table': 'orders',
    'mariadb.scan.rows': 60_000,
    'mariadb.scan.kept_percent': 0,
  };

  it('a scan that keeps nothing is named with its table', () => {
    const found = verdict(100, client('ask', 10, 90), told(11, 89, scan));
    expect(found.cause).toBe('db.seq_scan');
    expect(found.sentence).toContain('orders');
    expect(found.evidence).toContain('60 000 rows of orders to keep 0');
  });

  it('a scan that keeps what it reads is none', () => {
    const all = { ...scan, 'mariadb.scan.kept_percent': 100 };
    expect(verdict(300, client('ask', 10, 290), told(11, 289, all)).cause).toBe('db.slow_plan');
  });

  it('a row that was waited for shows in the engine’s time over few pages', () => {
    const waited = { 'mariadb.engine_time_ms': 78, 'mariadb.pages_accessed': 11, 'mariadb.rows_examined': 1 };
    expect(verdict(100, client('ask', 10, 90), told(11, 89, waited)).cause).toBe('db.lock_wait');
    const busy = { ...waited, 'mariadb.pages_accessed': 9_000 };
    expect(verdict(100, client('ask', 10, 90), told(11, 89, busy)).cause).not.toBe('db.lock_wait');
  });

  it('a row that was waited for is guessed when the engine’s time does not have it', () => {
    const few = {
      'mariadb.engine_time_ms': 0,
      'mariadb.pages_accessed': 6,
      'mariadb.pages_read': 0,
      'mariadb.rows_examined': 2,
    };
    const asked = (sql: string, more = {}) =>
      verdict(100, client('ask', 10, 90), told(11, 89, { ...few, 'db.query.text': sql, ...more }));
    expect(asked('update item set left = left - ?')).toMatchObject({
      cause: 'db.lock_wait',
      confidence: 'thin',
    });
    expect(asked('select left from item where id = ? for update').cause).toBe('db.lock_wait');
    expect(asked('insert into item values (?)').cause).not.toBe('db.lock_wait');
    expect(asked('select left from item').cause).not.toBe('db.lock_wait');
    expect(asked('update item set left = ?', { 'mariadb.rows_examined': 90_000 }).cause).not.toBe(
      'db.lock_wait',
    );
  });

  it('a sort in pieces is named, and one that fits is not', () => {
    const sorted = { 'mariadb.filesort': true, 'mariadb.filesort_on_disk': false };
    const asked = (passes: number) =>
      verdict(100, client('ask', 10, 90), told(11, 89, { ...sorted, 'mariadb.merge_passes': passes }));
    expect(asked(24).cause).toBe('db.sort_spill');
    expect(asked(24).evidence).toContain('merged 24 times');
    expect(asked(0).cause).not.toBe('db.sort_spill');
  });

  it('what did not fit into memory is named', () => {
    const spilled = { 'mariadb.filesort_on_disk': true };
    expect(verdict(100, client('ask', 10, 90), told(11, 89, spilled)).cause).toBe('db.sort_spill');
  });
});

describe('any database', () => {
  it('a wait for a lock inside a statement is blamed for its own time, and its holder named', () => {
    const wait = { [HEADWATER.dbAct]: 'lock_wait', 'postgresql.lock_holder_pids': [7] };
    const who = {
      'postgresql.blocker.application_name': 'report',
      'postgresql.blocker.last_statement': 'update orders set note = ?',
    };
    const found = verdict(100, client('ask', 10, 90), told(11, 89, {}), told(15, 85, { ...wait, ...who }));
    expect(found.cause).toBe('db.lock_wait');
    expect(found.ns).toBe(70e6);
    expect(found.evidence).toContain(
      'report (backend 7), whose last statement was: update orders set note = ?',
    );
  });

  const loop = (count: number, sql: (i: number) => string) =>
    Array.from({ length: count }, (_, i) =>
      client(`q${i}`, 10 + i * 15, 24 + i * 15, { attributes: { 'db.query.text': sql(i) } }),
    );

  it('one statement asked again and again, for another value each time', () => {
    const found = verdict(100, ...loop(5, (i) => `select * from item where id = ${i}`));
    expect(found.cause).toBe('db.n_plus_one');
    expect(found.evidence).toContain('GET /pay asked the same 5 times, one after the other');
  });

  it('not a few, not different ones, not side by side', () => {
    expect(verdict(100, ...loop(4, (i) => `select * from item where id = ${i}`)).cause).not.toBe(
      'db.n_plus_one',
    );
    expect(verdict(100, ...loop(5, (i) => `select * from item${i}`)).cause).not.toBe('db.n_plus_one');
    const sql = { attributes: { 'db.query.text': 'select 1' } };
    const atOnce = [0, 1, 2, 3, 4, 5].map((i) => client(`q${i}`, 10, 90 + i, sql));
    expect(verdict(100, ...atOnce).cause).not.toBe('db.n_plus_one');
  });

  it.each([
    ['sorry, too many clients already', 'db.connections_exhausted'],
    ['Too many connections', 'db.connections_exhausted'],
    ['canceling statement due to statement timeout', 'db.statement_timeout'],
    ['Query execution was interrupted (max_statement_time exceeded)', 'db.statement_timeout'],
    ['deadlock detected', 'db.deadlock'],
    ['Deadlock found when trying to get lock; try restarting transaction', 'db.deadlock'],
    ['canceling statement due to lock timeout', 'db.lock_wait'],
    ['Lock wait timeout exceeded; try restarting transaction', 'db.lock_wait'],
    ['ERROR: canceling (SQLSTATE 55P03)', 'db.lock_wait'],
    ['FATAL: too many connections for role "shop"', 'db.connections_exhausted'],
    ['no more connections allowed (max_client_conn)', 'db.connections_exhausted'],
  ])('%s → %s', (message, cause) => {
    expect(verdict(100, client('ask', 10, 90, { status: { code: 'error', message } })).cause).toBe(cause);
  });

  it.each([
    ['40P01', 'db.deadlock'],
    ['1213', 'db.deadlock'],
    ['1205', 'db.lock_wait'],
    ['53300', 'db.connections_exhausted'],
  ])('code %s of the client → %s', (code, cause) => {
    const attributes = { 'db.response.status_code': code };
    expect(verdict(100, client('ask', 10, 90, { status: { code: 'error' }, attributes })).cause).toBe(cause);
  });

  it('a failure that is no problem of the database stays with its statement', () => {
    const status = { code: 'error', message: 'duplicate key value' } as const;
    expect(verdict(100, client('ask', 10, 90, { status })).cause).not.toMatch(
      /deadlock|timeout|exhausted|lock/,
    );
  });
});
