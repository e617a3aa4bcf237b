/** MariaDB's programs out of the system's packages; starts a server and connects to it as its superuser. */
import { execFileSync } from 'node:child_process';
import mysql from 'mysql2/promise';
import { findProgram } from '../../probe/program-path.ts';
import { type OrdinaryUser, ordinaryUser } from './ordinary-user.ts';
import { notReady, type Part, type PartSite, startPart } from './part.ts';
import type { ServerFolders } from './postgres-server.ts';
import type { Database } from './settings.ts';

export const MARIADB_HINT =
  'Get it with `apt-get install mariadb-server` (macOS: `brew install mariadb`), or leave --database away for PostgreSQL.';

export interface MariadbBinaries {
  readonly server: string;
  readonly install: string;
  readonly version: string;
  readonly user?: OrdinaryUser;
}

/** Throws when the system has no MariaDB. */
export function findMariadb(): MariadbBinaries {
  const server = findProgram('mariadbd');
  const install = findProgram('mariadb-install-db');
  if (!server || !install) throw new Error(`MariaDB was asked for but is not installed. ${MARIADB_HINT}`);
  if (!findProgram('my_print_defaults'))
    throw new Error(
      `MariaDB is installed without my_print_defaults, which mariadb-install-db needs (Debian: \`apt-get install mariadb-client-core\`). ${MARIADB_HINT}`,
    );
  const version = execFileSync(server, ['--no-defaults', '--version'], { stdio: 'pipe' }).toString().trim();
  const user = ordinaryUser('MariaDB', 'mysql', 'nobody');
  return { server, install, version, ...(user ? { user } : {}) };
}

export interface MariadbServer {
  readonly part: Part;
  /** Over a Unix socket in a folder that only the server's user may enter. */
  readonly admin: Database & { end(): Promise<void> };
}

const CONNECT_RETRY_MS = 15;

/** Nothing listens on the network unless settings say so. */
export async function startMariadbServer(
  binaries: MariadbBinaries,
  { data, socket: folder }: ServerFolders,
  site: PartSite,
  database: string | undefined,
  settings: Readonly<Record<string, string>>,
): Promise<MariadbServer> {
  const socketPath = `${folder}/socket`;
  const all: Record<string, string> = {
    datadir: data,
    socket: socketPath,
    'pid-file': `${folder}/pid`,
    tmpdir: folder,
    ...settings,
  };
  const flags = Object.entries(all).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`);
  const part = await startPart(
    {
      name: 'mariadb',
      command: binaries.server,
      args: ['--no-defaults', ...flags],
      cwd: '/',
      ...(binaries.user ? { user: binaries.user } : {}),
    },
    site,
  );
  const connection = await connected(part, { socketPath, user: 'root', database, multipleStatements: true });
  const query: Database['query'] = async <Row>(sql: string, values?: readonly unknown[]) =>
    (await connection.query(sql, values && [...values]))[0] as unknown as Row[];
  return { part, admin: { system: 'mariadb', query, end: () => connection.end() } };
}

/** Tries until the server takes the connection or is gone. */
async function connected(part: Part, config: mysql.ConnectionOptions): Promise<mysql.Connection> {
  let gone: string | undefined;
  part.ended.then((how) => {
    gone = how;
  });
  for (;;) {
    try {
      const connection = await mysql.createConnection(config);
      connection.on('error', () => {}); // the server ends before its clients when the shop stops
      return connection;
    } catch (error) {
      if (gone !== undefined) throw notReady(part, gone);
      if (!/ENOENT|ECONNREFUSED/.test(String((error as NodeJS.ErrnoException).code))) throw error;
      await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS));
    }
  }
}
