/** Seeds the shop's MariaDB, and copies the seed for one shop. */
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DATABASE } from './database.ts';
import { copyFolder, keptSeed } from './kept-seed.ts';
import { type MariadbBinaries, startMariadbServer } from './mariadb-server.ts';
import type { PartSite } from './part.ts';
import { privateFolder } from './postgres-server.ts';

const run = promisify(execFile);
/** Changes when the way of seeding does, so that older folders are not taken for new ones. */
const SEED_VERSION = '1';

/** A small log keeps the copy small. It must be the same whenever the folder is used. */
export const REDO_LOG = { innodb_log_file_size: '8M' } as const;
/** A seed that is lost is made again: nothing needs to reach the disk. */
const SEEDING = {
  ...REDO_LOG,
  skip_networking: '1',
  innodb_flush_log_at_trx_commit: '0',
  innodb_doublewrite: '0',
  innodb_buffer_pool_dump_at_shutdown: '0',
};

/** Path of the kept data folder, made now when there is none; `onSeeding` is told when that happens. */
export async function seededData(
  binaries: MariadbBinaries,
  stateDir: string,
  site: PartSite,
  onSeeding: () => void,
): Promise<string> {
  const sql = await readFile(new URL('./mariadb-seed.sql', import.meta.url), 'utf8');
  const own = join(site.dir, 'seed');
  const kept = await keptSeed({
    stateDir,
    name: 'shop-mariadb',
    madeOf: [SEED_VERSION, binaries.version, sql],
    make: async () => {
      onSeeding();
      return seed(binaries, await privateFolder(own, binaries.user), site, sql);
    },
  });
  await rm(own, { recursive: true, force: true });
  return kept;
}

async function seed(binaries: MariadbBinaries, own: string, site: PartSite, sql: string): Promise<string> {
  const data = join(own, 'data');
  const plain = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'];
  const size = `--innodb-log-file-size=${REDO_LOG.innodb_log_file_size}`;
  await run(binaries.install, [...plain, size, `--datadir=${data}`], { ...binaries.user, cwd: '/' });
  const { part, admin } = await startMariadbServer(binaries, { data, socket: own }, site, undefined, SEEDING);
  try {
    await admin.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4; USE ${DATABASE}; ${sql}`);
  } finally {
    await admin.end();
    await part.stop();
  }
  return data;
}

/** A data folder for one shop: a copy that the server's user owns. */
export async function copySeed(kept: string, data: string, { user }: MariadbBinaries): Promise<void> {
  await copyFolder(kept, data);
  if (user) await run('chown', ['-R', `${user.uid}:${user.gid}`, data]);
}
