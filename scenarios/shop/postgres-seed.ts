/** Seeds the shop's PostgreSQL, and copies the seed for one shop. */
import { execFile } from 'node:child_process';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DATABASE } from './database.ts';
import { copyFolder, keptSeed } from './kept-seed.ts';
import type { PartSite } from './part.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { privateFolder, SUPERUSER, startPostgresServer } from './postgres-server.ts';

const run = promisify(execFile);
/** Changes when the way of seeding does, so that older folders are not taken for new ones. */
const SEED_VERSION = '1';

/** Small log segments keep the copy small; one fixed locale makes every machine sort and fold case alike. */
const INITDB = ['--no-sync', '--auth=trust', '--encoding=UTF8', '--wal-segsize=1'];
const LOCALE = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
/** A seed that is lost is made again: nothing needs to reach the disk. */
const SEEDING = {
  listen_addresses: '',
  fsync: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '64MB',
  min_wal_size: '2MB',
  wal_recycle: 'off',
  autovacuum: 'off',
};

/** Path of the kept data folder, made now when there is none; `onSeeding` is told when that happens. */
export async function seededData(
  binaries: PostgresBinaries,
  stateDir: string,
  site: PartSite,
  onSeeding: () => void,
): Promise<string> {
  const sql = await readFile(new URL('./seed.sql', import.meta.url), 'utf8');
  const own = join(site.dir, 'seed');
  const kept = await keptSeed({
    stateDir,
    name: 'shop-postgresql',
    madeOf: [SEED_VERSION, binaries.version, sql],
    make: async () => {
      onSeeding();
      return seed(binaries, await privateFolder(own, binaries.user), site, sql);
    },
  });
  await rm(own, { recursive: true, force: true });
  return kept;
}

async function seed(binaries: PostgresBinaries, own: string, site: PartSite, sql: string): Promise<string> {
  const data = join(own, 'data');
  await run(binaries.initdb, ['-D', data, '-U', SUPERUSER, ...INITDB, ...LOCALE], {
    ...binaries.user,
    cwd: '/',
  });
  const inDatabase = async (database: string, statements: readonly string[]) => {
    const { part, admin } = await startPostgresServer(
      binaries,
      { data, socket: own },
      site,
      database,
      SEEDING,
    );
    try {
      for (const statement of statements) await admin.query(statement);
    } finally {
      await admin.end();
      await part.stop();
    }
  };
  await inDatabase('postgres', [`CREATE DATABASE ${DATABASE}`]);
  await inDatabase(DATABASE, ['DROP DATABASE postgres', sql, 'VACUUM ANALYZE', 'CHECKPOINT']);
  return data;
}

/** A data folder for one shop: a copy that the server's user owns, with passwords on the network side. */
export async function copySeed(kept: string, data: string, { user }: PostgresBinaries): Promise<void> {
  await copyFolder(kept, data);
  await writeFile(
    join(data, 'pg_hba.conf'),
    'local all all trust\nhost shop shop 127.0.0.1/32 scram-sha-256\n',
  );
  await chmod(data, 0o700);
  if (user) await run('chown', ['-R', `${user.uid}:${user.gid}`, data]);
}
