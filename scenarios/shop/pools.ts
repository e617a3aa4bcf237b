/** Servers of the load balancer for some paths only, with what a fault puts among or before them. */
import type { Part } from './part.ts';

/** As a fault describes it. One fault, one pool; the first whose path fits has the request. */
export interface Pool {
  readonly fault: string;
  /** Of the requests that it takes. */
  readonly path: string;
  /** In HAProxy's language, for the backend. */
  readonly lines?: readonly string[];
  /** Requests that a server takes at once. */
  readonly maxconn?: number;
  /** Comes before the others: takes no connection since its accept queue is full, or takes all and says nothing. */
  readonly first?: 'full' | 'silent';
  /** The way to the servers is opened by a SOCKS gate, which takes its time. */
  readonly gateMs?: number;
  /** Other requests keep all servers busy until a visitor has been queued for so long. */
  readonly occupiedMs?: number;
}

export interface RunningPool {
  readonly name: string;
  readonly path: string;
  readonly lines: readonly string[];
  readonly servers: readonly { readonly name: string; readonly port: number; readonly words: string }[];
}

/** Starts a Node part of the shop; what it announces. */
export type StartNode = (name: string, module: string, options: object) => Promise<{ port: number }>;

type Web = Pick<Part, 'name'> & { readonly port: number };

export const startPools = (
  pools: readonly Pool[],
  webs: readonly Web[],
  start: StartNode,
): Promise<RunningPool[]> => Promise.all(pools.map((pool) => startPool(pool, webs, start)));

async function startPool(pool: Pool, webs: readonly Web[], start: StartNode): Promise<RunningPool> {
  const { fault, path, lines = [], maxconn = 100, first, gateMs } = pool;
  const gate =
    gateMs === undefined ? undefined : await start(`gate-${fault}`, 'socks-gate', { fault, ms: gateMs });
  const words = `maxconn ${maxconn}${gate ? ` socks4 127.0.0.1:${gate.port}` : ''}`;
  const dead = first
    ? [{ name: 'web-0', ...(await start(`dead-${fault}`, 'dead-end', { kind: first })) }]
    : [];
  const servers = [...dead, ...webs].map(({ name, port }) => ({ name, port, words }));
  return { name: fault, path, lines, servers };
}

/** Once the load balancer runs: whoever keeps its servers busy. */
export async function occupyPools(
  pools: readonly Pool[],
  where: { readonly plainPort: number; readonly adminSocket: string; readonly servers: number },
  start: StartNode,
): Promise<void> {
  for (const { fault, path, maxconn = 1, occupiedMs } of pools) {
    if (occupiedMs === undefined) continue;
    const { plainPort: port, adminSocket, servers } = where;
    const slots = servers * maxconn;
    await start(`occupier-${fault}`, 'occupier', { fault, path, ms: occupiedMs, port, adminSocket, slots });
  }
}
