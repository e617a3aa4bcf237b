/** Starts a PostgreSQL server on a data folder and connects to it as its superuser. */
import { chown, mkdir } from 'node:fs/promises';
import pg from 'pg';
import type { OrdinaryUser } from './ordinary-user.ts';
import { notReady, type Part, type PartSite, startPart } from './part.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { Database } from './settings.ts';

export const SUPERUSER = 'headwater';
/** Only names the socket file; nothing listens on that port of the network unless settings say so. */
const SOCKET_PORT = 5432;
const CONNECT_RETRY_MS = 15;

export interface PostgresServer {
  readonly part: Part;
  /** Over a Unix socket in a folder that only the server's user may enter. */
  readonly admin: Database & { end(): Promise<void> };
}

/** A folder that the server's user owns and nobody else may enter. */
export async function privateFolder(path: string, user: OrdinaryUser | undefined): Promise<string> {
  await mkdir(path, { mode: 0o700 });
  if (user) await chown(path, user.uid, user.gid);
  return path;
}

export interface ServerFolders {
  readonly data: string;
  /** Takes the Unix socket; 100 characters at most. */
  readonly socket: string;
}

export async function startPostgresServer(
  binaries: PostgresBinaries,
  { data, socket }: ServerFolders,
  site: PartSite,
  database: string,
  settings: Readonly<Record<string, string>>,
): Promise<PostgresServer> {
  const all: Record<string, string> = {
    unix_socket_directories: socket,
    port: String(SOCKET_PORT),
    ...settings,
  };
  const part = await startPart(
    {
      name: 'postgresql',
      command: binaries.postgres,
      args: ['-D', data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: '/',
      stopSignal: 'SIGINT', // "fast": ends sessions instead of waiting for them
      ...(binaries.user ? { user: binaries.user } : {}),
    },
    site,
  );
  const client = await connected(part, { host: socket, port: Number(all.port), user: SUPERUSER, database });
  const query: Database['query'] = async (sql, values) =>
    (await client.query(sql, values && [...values])).rows;
  return { part, admin: { system: 'postgresql', query, end: () => client.end() } };
}

/** Tries until the server takes the connection or is gone. */
async function connected(part: Part, config: pg.ClientConfig): Promise<pg.Client> {
  let gone: string | undefined;
  part.ended.then((how) => {
    gone = how;
  });
  for (;;) {
    const client = new pg.Client(config);
    client.on('error', () => {}); // the server ends before its clients when the shop stops
    try {
      await client.connect();
      return client;
    } catch {
      if (gone !== undefined) throw notReady(part, gone);
      await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS));
    }
  }
}
