import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeChunk, encodeChunk } from '../../src/store/chunk.ts';
import { defaultStorePath } from '../../src/store/schema.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { reportedSpan } from './spans.ts';
import { storeCases } from './store.cases.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
let folder = '';
let opened = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-store-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

storeCases('SQLite in memory', () => openStore(':memory:'));
storeCases('SQLite in a file', () => openStore(join(folder, `${++opened}`, 'headwater.db')));

describe('several at once', () => {
  it('two processes write, a third reads, and nothing is lost', async () => {
    const path = join(folder, 'shared.db');
    const store = openStore(path);
    const writer = () =>
      promisify(execFile)(process.execPath, [
        '--import',
        'tsx',
        join(import.meta.dirname, 'append-many.ts'),
        path,
        TRACE,
        '100',
      ]);
    await Promise.all([writer(), writer()]);
    const names = store.spans(TRACE).map(({ name }) => name);
    store.close();
    expect(names).toHaveLength(400);
    expect(new Set(names.filter((name) => name !== 'work')).size).toBe(200);
  });

  it('two that open a new file at the same time agree on its tables', () => {
    const path = join(folder, 'new.db');
    const stores = [openStore(path), openStore(path)];
    for (const store of stores) store.append([reportedSpan()]);
    expect(stores[0]?.spans(TRACE)).toHaveLength(2);
    for (const store of stores) store.close();
  });
});

describe('a batch is kept whole or not at all', () => {
  it('even when one of its spans cannot be written', () => {
    const store = openStore(join(folder, 'whole.db'));
    const broken = reportedSpan({ traceId: 7n as never, spanId: 'x' });
    const unwritable = { ...broken, attributes: { big: 1n as never } };
    expect(() => store.append([reportedSpan(), unwritable])).toThrow();
    expect(store.spans(TRACE)).toEqual([]);
    store.append([reportedSpan()]);
    expect(store.spans(TRACE)).toHaveLength(1);
    store.close();
  });
});

describe('the file', () => {
  it('is kept where the environment says', () => {
    expect(defaultStorePath({ HEADWATER_HOME: '/h' })).toBe('/h/headwater.db');
    expect(defaultStorePath({ XDG_DATA_HOME: '/data' })).toBe('/data/headwater/headwater.db');
    expect(defaultStorePath({})).toMatch(/\.local\/share\/headwater\/headwater\.db$/);
  });

  it('lies in a folder that only its owner can read', () => {
    const path = join(folder, 'private', 'headwater.db');
    openStore(path).close();
    expect(statSync(join(folder, 'private')).mode & 0o777).toBe(0o700);
  });

  it('of a later version is refused with what to do', () => {
    const path = join(folder, 'future.db');
    openStore(path).close();
    const db = new Database(path);
    db.exec('PRAGMA user_version = 99');
    db.close();
    expect(() => openStore(path)).toThrow(/later version of Headwater \(format 99.*Update Headwater/);
  });

  it('of something else is refused with what to do', () => {
    const path = join(folder, 'letter.db');
    writeFileSync(path, 'Dear diary, '.repeat(1_000));
    expect(() => openStore(path)).toThrow(/is not a Headwater store/);
  });

  it('that cannot be made is refused with what to do', () => {
    const file = join(folder, 'occupied');
    writeFileSync(file, '');
    expect(() => openStore(join(file, 'headwater.db'))).toThrow(/Set HEADWATER_HOME/);
    mkdirSync(join(folder, 'is-a-folder.db'));
    expect(() => openStore(join(folder, 'is-a-folder.db'))).toThrow(
      /Cannot open the store .* Set HEADWATER_HOME/,
    );
  });

  it.each([1, 2, 3, 4, 5])('of version %i can be read for ever', (version) => {
    const pinned = join(folder, 'pinned.db');
    copyFileSync(join(import.meta.dirname, '..', 'fixtures', 'store', `version-${version}.db`), pinned);
    const store = openStore(pinned);
    store.attach(TRACE, [{ name: 'a', mediaType: 'text/plain', body: Uint8Array.of(1) }]);
    expect(store.fileNames(TRACE)).toEqual(['a']);
    expect(store.spans(TRACE)).toEqual([reportedSpan({ attributes: { 'http.response.status_code': 200 } })]);
    expect(store.runs()).toMatchObject([{ traceId: TRACE, status: 'ok', wallNs: 300 }]);
    expect(store.run(TRACE)?.trace.spans).toHaveLength(2);
    expect(store.outcomes(1, { layer: 'db' })).toMatchObject([
      { traceId: TRACE, layers: { browser: 100, db: 200 }, healthy: true, blamed: { cause: 'db.seq_scan' } },
    ]);
    expect(store.totals()).toMatchObject([{ journey: 'checkout', statuses: { ok: { count: 1 } } }]);
    store.saveRun(store.run(TRACE)!);
    expect(store.totals()[0]?.statuses.ok?.count).toBe(1);
    expect(store.diskUse().runs).toEqual({ files: 1, spans: 1, report: 1, summary: 1 });
    store.close();
  });
});

describe('a chunk', () => {
  it('is compressed when that pays', () => {
    const few = encodeChunk([reportedSpan()]);
    const many = encodeChunk(Array.from({ length: 100 }, () => reportedSpan()));
    expect([few[1], many[1]]).toEqual([0, 1]);
    expect(many.length).toBeLessThan(few.length * 10);
    expect(decodeChunk(TRACE, many)).toHaveLength(100);
  });

  it('of a later version is refused with what to do', () => {
    expect(() => decodeChunk(TRACE, Uint8Array.of(2, 0, 123, 125))).toThrow(/format 2.*update Headwater/);
  });
});
