/** The shop's MariaDB: a copy of the seeded database, telling every statement in its slow log. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MARIADB_LOG_SETTINGS } from '../../src/doctor/mariadb-lines.ts';
import { DATABASE, type DatabaseRequest, type RunningDatabase } from './database.ts';
import { freePort } from './free-port.ts';
import { copySeed, REDO_LOG, seededData } from './mariadb-seed.ts';
import { findMariadb, startMariadbServer } from './mariadb-server.ts';
import { privateFolder } from './postgres-server.ts';

/** The data is thrown away after the run, and nothing else should move while it is measured. */
const RUNNING = {
  ...REDO_LOG,
  bind_address: '127.0.0.1',
  skip_name_resolve: '1',
  innodb_flush_log_at_trx_commit: '0',
  innodb_doublewrite: '0',
  innodb_buffer_pool_size: '128M',
  innodb_buffer_pool_dump_at_shutdown: '0',
  max_connections: '60',
} as const;

export async function startMariadb({
  site,
  stateDir,
  settings,
  onNote,
}: DatabaseRequest): Promise<RunningDatabase> {
  const binaries = findMariadb();
  const kept = await seededData(binaries, stateDir, site, () =>
    onNote('seeding 240 000 orders, once on this machine'),
  );
  const own = await privateFolder(join(site.dir, 'db'), binaries.user);
  const [data, log] = [join(own, 'data'), join(own, 'slow.log')];
  await copySeed(kept, data, binaries);
  const port = await freePort();
  const { part, admin } = await startMariadbServer(binaries, { data, socket: own }, site, DATABASE, {
    ...MARIADB_LOG_SETTINGS,
    ...RUNNING,
    slow_query_log_file: log,
    port: String(port),
    ...settings.settings,
  });
  try {
    const password = randomBytes(18).toString('hex');
    await admin.query(`ALTER USER 'shop'@'127.0.0.1' IDENTIFIED BY '${password}'`);
    for (const alter of settings.alterations) await alter(admin);
    return { part, port, environmentAt: (at) => environmentOf(at, password), log };
  } catch (error) {
    await part.stop();
    throw error;
  } finally {
    await admin.end().catch(() => {});
  }
}

const environmentOf = (port: number, password: string) => ({
  MYSQL_HOST: '127.0.0.1',
  MYSQL_PORT: String(port),
  MYSQL_USER: 'shop',
  MYSQL_DATABASE: DATABASE,
  MYSQL_PASSWORD: password,
});
