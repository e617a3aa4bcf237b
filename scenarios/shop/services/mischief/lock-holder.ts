/**
 * Another program's transaction holds a lock that the visitor's request needs:
 * ```
 * // holder    | lock |------------------------------| commit |
 * // visitor             ... |-- waits --------------|            `ms` from its first waiting moment on
 * ```
 * How long the visitor waits is the database's own account of it, asked by the holder.
 */
import { noteInjected } from '../../injected.ts';
import type { Ask, DatabaseAccess, Outsider } from './access.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

type System = DatabaseAccess['system'];

/** Somebody who waits for that session. PostgreSQL says since when; MariaDB, since when the statement runs. */
const WAITED: Readonly<Record<System, string>> = {
  postgresql: `SELECT 1000 * extract(epoch FROM clock_timestamp() - waitstart)::float8 AS ms,
      1000 * extract(epoch FROM waitstart)::float8 AS since
    FROM pg_locks WHERE waitstart IS NOT NULL AND $1::int = ANY (pg_blocking_pids(pid)) LIMIT 1`,
  mariadb: `SELECT CAST(time_ms AS double) AS ms FROM information_schema.processlist
    WHERE id NOT IN (?, connection_id()) AND command = 'Query' AND time_ms > 3 ORDER BY time_ms DESC LIMIT 1`,
};
const SESSION: Readonly<Record<System, string>> = {
  postgresql: 'SELECT pg_backend_pid() AS id',
  mariadb: 'SELECT connection_id() AS id',
};
const LOOK_EVERY_MS = 2;
/** A visitor who has not come by then does not come. */
const GIVEN_UP_MS = 20_000;

interface Waiting {
  readonly ms: number;
  /** By the database's clock, Unix ms; PostgreSQL only. */
  readonly since?: number;
}

/** Holds locks in one session, and looks from another who waits for them. */
export class Holder {
  static async open({ system, outsider }: DatabaseAccess): Promise<Holder> {
    const holder = await outsider('stocktaking');
    const [session] = await holder.ask<{ id: number }>(SESSION[system]);
    return new Holder(holder.ask, await outsider('watching'), system, session?.id ?? 0);
  }

  readonly ask: Ask;
  readonly #watcher: Outsider;
  readonly #system: System;
  readonly #session: number;

  private constructor(ask: Ask, watcher: Outsider, system: System, session: number) {
    this.ask = ask;
    this.#watcher = watcher;
    this.#system = system;
    this.#session = session;
  }

  async #waiting(): Promise<Waiting | undefined> {
    return (await this.#watcher.ask<Waiting>(WAITED[this.#system], [this.#session]))[0];
  }

  /** Resolves when somebody waits, to since when, by `performance.now()`; to undefined when nobody comes. */
  async someoneWaits(): Promise<number | undefined> {
    const endMs = performance.now() + GIVEN_UP_MS;
    for (; performance.now() < endMs; await sleep(LOOK_EVERY_MS)) {
      const waiting = await this.#waiting();
      if (waiting) return performance.now() - waiting.ms;
    }
    return undefined;
  }

  /** Lets go of what it holds; how long somebody has waited for that, in ms. */
  async release(sql: string): Promise<number | undefined> {
    const waiting = await this.#waiting();
    if (this.#system === 'mariadb') {
      await this.ask(sql);
      return waiting?.ms;
    }
    // in one go, so that nothing comes between the end of the wait and the look at the clock
    const [now] = await this.ask<{ ms: number }>(`${sql}; ${NOW}`);
    return waiting?.since !== undefined && now ? now.ms - waiting.since : undefined;
  }
}

const NOW = 'SELECT 1000 * extract(epoch FROM clock_timestamp())::float8 AS ms';

export const sleepUntil = (atMs: number): Promise<number> => sleep(Math.max(0, atMs - performance.now()));

const LOCKS: Readonly<Record<System, Readonly<Record<string, readonly string[]>>>> = {
  postgresql: {
    row: ['BEGIN', 'UPDATE product SET stock = stock WHERE id <= 5'],
    table: ['BEGIN', 'LOCK TABLE orders IN ACCESS EXCLUSIVE MODE'],
  },
  mariadb: {
    row: ['BEGIN', 'UPDATE product SET stock = stock WHERE id <= 5'],
    table: ['LOCK TABLES orders WRITE'],
  },
};
const RELEASE: Readonly<Record<System, Readonly<Record<string, string>>>> = {
  postgresql: { row: 'COMMIT', table: 'COMMIT' },
  mariadb: { row: 'COMMIT', table: 'UNLOCK TABLES' },
};

const holders = new Map<string, Holder>();

/** Options: `lock`, `row` or `table`. */
export const holdLock: Deed = Object.assign<Deed, Pick<Deed, 'prepare'>>(
  async (mischief, { shop }) => {
    const { fault, ms, options } = mischief;
    const holder = holders.get(fault);
    if (!holder || !shop) throw new Error(`${fault} needs a database and a warm-up.`);
    const { system } = shop.access;
    const lock = String(options?.lock);
    for (const sql of LOCKS[system][lock] ?? []) await holder.ask(sql);
    const hold = async () => {
      const sinceMs = await holder.someoneWaits();
      if (sinceMs !== undefined) await sleepUntil(sinceMs + ms);
      const waitedMs = await holder.release(RELEASE[system][lock] ?? 'COMMIT');
      if (waitedMs !== undefined) noteInjected(fault, waitedMs);
    };
    hold().catch((error) => process.stderr.write(`${fault}: ${error}\n`));
  },
  {
    prepare: async ({ fault }, { shop }) => {
      if (shop) holders.set(fault, await Holder.open(shop.access));
    },
  },
);
