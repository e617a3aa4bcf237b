/** The second way on the real thing: node-postgres' named statements carry no comment; PostgreSQL 18 tells of them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findPostgres } from '../../scenarios/shop/postgres-binaries.ts';
import { privateFolder, SUPERUSER, startPostgresServer } from '../../scenarios/shop/postgres-server.ts';
import { LogFollower } from '../../src/collect/log-follower.ts';
import { StatementJoiner } from '../../src/collect/statement-joiner.ts';
import { POSTGRESQL_LOG_SETTINGS } from '../../src/doctor/postgresql-lines.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import type { Span } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported, TRACE_ID } from '../stitch/reported.ts';
import { MemorySink, until } from './memory-sink.ts';

const SQL = 'select count(*) from pg_class, generate_series(1, $1) where relname <> $2';
const sink = new MemorySink();
const joiner = new StatementJoiner(sink);
const stops: (() => unknown)[] = [];
let client: pg.Client;
let follower: LogFollower;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'headwater-prepared-'));
  chmodSync(dir, 0o711);
  stops.push(() => rmSync(dir, { recursive: true, force: true }));
  const binaries = findPostgres(dir);
  const own = await privateFolder(join(dir, 'pg'), binaries.user);
  const data = join(own, 'data');
  execFileSync(binaries.initdb, ['-D', data, '-U', SUPERUSER, '--no-sync', '--auth=trust'], {
    ...binaries.user,
    cwd: '/',
    stdio: 'ignore',
  });
  const site = { dir, watch: () => {} };
  const settings = {
    ...POSTGRESQL_LOG_SETTINGS,
    listen_addresses: '',
    fsync: 'off',
    log_directory: own,
    log_filename: 'pg.log',
  };
  const { part, admin } = await startPostgresServer(
    binaries,
    { data, socket: own },
    site,
    'postgres',
    settings,
  );
  stops.push(() => part.stop());
  await admin.end();
  client = new pg.Client({ host: own, user: SUPERUSER, database: 'postgres' });
  await client.connect();
  stops.push(() => client.end());
  joiner.begin();
  follower = new LogFollower(join(own, 'pg.json'), joiner, (error) => expect(error).toBeUndefined());
  stops.push(() => follower.stop());
});
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

/** What an instrumented client reports. */
async function ask(name: string, count: number): Promise<ReportedSpan> {
  const startUnixNano = unixNanoFromMs(performance.timeOrigin + performance.now());
  await client.query({ name: 'counted', text: SQL, values: [count, 'pg_proc'] });
  const endUnixNano = unixNanoFromMs(performance.timeOrigin + performance.now());
  return {
    ...reported(name, undefined, 0, 0),
    startUnixNano,
    endUnixNano,
    kind: 'client',
    source: 'otlp',
    attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'postgres', 'db.query.text': SQL },
  };
}

it('joins each execution of a named statement to the client span that waited for it', async () => {
  const clients = [await ask('one', 300), await ask('two', 400), await ask('three', 500)];
  joiner.accept({ spans: clients, warnings: [] });
  const isPlan = ({ attributes }: ReportedSpan) => attributes[HEADWATER.dbAct] === 'plan';
  await until(() => {
    void follower.flush();
    return sink.spans.filter(isPlan).length >= clients.length;
  });
  const trace = stitch(sink.spans.filter(({ traceId }) => traceId === TRACE_ID));
  const byId = new Map(trace?.spans.map((span) => [span.spanId, span]));
  const plans = trace?.spans.filter(({ attributes }) => attributes[HEADWATER.dbAct] === 'plan') ?? [];
  const askerOf = (span: Span | undefined): string | undefined =>
    span === undefined || span.source === 'otlp' ? span?.name : askerOf(byId.get(span.parentId ?? ''));
  expect(plans.map(askerOf)).toEqual(['one', 'two', 'three']);
  for (const plan of plans) {
    expect([plan.evidence, plan.source]).toEqual(['inferred', 'postgresql']);
    expect(plan.placed.join()).toContain('statement text and time');
    expect(trace?.spans.some(({ parentId }) => parentId === plan.spanId)).toBe(true);
  }
  expect(trace?.warnings).toEqual([]);
});
