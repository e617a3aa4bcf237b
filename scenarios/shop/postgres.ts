/** The shop's PostgreSQL: a copy of the seeded database, telling its plans and lock waits in a JSON log. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { POSTGRESQL_LOG_SETTINGS } from '../../src/doctor/postgresql-lines.ts';
import { DATABASE, type DatabaseRequest, type RunningDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { findPostgres } from './postgres-binaries.ts';
import { copySeed, seededData } from './postgres-seed.ts';
import { privateFolder, startPostgresServer } from './postgres-server.ts';

/** What is logged: every statement's plan with its real times, and every wait for a lock longer than 10 ms. */
const LOGGING = {
  ...POSTGRESQL_LOG_SETTINGS,
  log_filename: 'pg.log',
  log_rotation_age: '0',
  log_rotation_size: '0',
  log_checkpoints: 'off',
  track_activity_query_size: '4096',
  // Customers' addresses are parameters: they are not written into the conditions of plans either.
  plan_cache_mode: 'force_generic_plan',
} as const;

/** The data is thrown away after the run, and nothing else should move while it is measured. */
const RUNNING = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '2GB',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  max_connections: '60',
} as const;

export async function startPostgres({
  site,
  stateDir,
  settings,
  onNote,
}: DatabaseRequest): Promise<RunningDatabase> {
  const binaries = findPostgres(site.dir);
  const kept = await seededData(binaries, stateDir, site, () =>
    onNote('seeding 240 000 orders, once on this machine'),
  );
  const own = await privateFolder(join(site.dir, 'pg'), binaries.user);
  const data = join(own, 'data');
  await copySeed(kept, data, binaries);
  const port = await freePort();
  const { part, admin } = await startPostgresServer(binaries, { data, socket: own }, site, DATABASE, {
    ...LOGGING,
    ...RUNNING,
    log_directory: own,
    port: String(port),
    ...settings.settings,
  });
  try {
    const password = randomBytes(18).toString('hex');
    await admin.query(`ALTER ROLE shop PASSWORD '${password}'`);
    for (const alter of settings.alterations) await alter(admin);
    return { part, port, environmentAt: (at) => environmentOf(at, password), log: join(own, 'pg.json') };
  } catch (error) {
    await part.stop();
    throw error;
  } finally {
    await admin.end().catch(() => {});
  }
}

const environmentOf = (port: number, password: string) => ({
  PGHOST: '127.0.0.1',
  PGPORT: String(port),
  PGUSER: 'shop',
  PGDATABASE: DATABASE,
  PGPASSWORD: password,
});
