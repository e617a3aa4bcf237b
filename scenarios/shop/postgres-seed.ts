/**
 * The seeded database, made once a machine and kept as a stopped data folder; every shop runs on a copy of it, so
 * that several can run at once and no fault reaches the kept one.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PartSite } from './part.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { privateFolder, SUPERUSER, startPostgresServer } from './postgres-server.ts';

const run = promisify(execFile);
export const DATABASE = 'shop';
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

export const defaultStateDir = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'headwater');

/** Path of the kept data folder, made now when there is none; `onSeeding` is told when that happens. */
export async function seededData(
  binaries: PostgresBinaries,
  stateDir: string,
  site: PartSite,
  onSeeding: () => void,
): Promise<string> {
  const sql = await readFile(new URL('./seed.sql', import.meta.url), 'utf8');
  const key = createHash('sha256')
    .update([SEED_VERSION, binaries.version, sql].join('\0'))
    .digest('hex')
    .slice(0, 16);
  const kept = join(stateDir, `shop-postgresql-${key}`);
  if (existsSync(kept)) return kept;
  onSeeding();
  const own = await privateFolder(join(site.dir, 'seed'), binaries.user);
  await keep(await seed(binaries, own, site, sql), kept, stateDir);
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

/** Copied beside its place first and then renamed: whoever looks sees all of it or nothing. */
async function keep(data: string, kept: string, stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  const incoming = await mkdtemp(join(stateDir, '.seeding-'));
  await copyFolder(data, join(incoming, 'data'));
  try {
    await rename(join(incoming, 'data'), kept);
  } catch (error) {
    if (!existsSync(kept)) throw error; // otherwise another start was faster, and its seed is as good
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

/** The system's `cp` shares blocks where the file system can, and is three times as fast as Node's where it cannot. */
const copyFolder = (from: string, to: string) => run('cp', ['-Rp', from, to]);

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
