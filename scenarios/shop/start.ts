/**
 * Starts the demo shop: real parts, each a process of its own, on loopback.
 *
 * ```
 * browser ──DNS──► root, TLD, authoritative (127.53.0.x)
 *         ──TLS──► HAProxy ──► web-1, web-2 ──► inventory ─┬─► PostgreSQL or MariaDB
 *                                          └──► payment ───┘
 * ```
 */
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultMs } from '../faults/index.ts';
import { startGuard } from './guarded.ts';
import { healthySettings } from './settings.ts';
import type { Shop, ShopOptions } from './shop-options.ts';
import { ShopStart } from './shop-start.ts';

export type { Shop, ShopOptions, ShopProgress } from './shop-options.ts';

/** Takes 1–3 s once the database is seeded. Throws an Error that says which part did not start and what it said. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const settings = healthySettings();
  for (const fault of options.faults ?? []) fault.apply(settings, faultMs(fault));
  const runDir = await mkdtemp(join(tmpdir(), 'headwater-shop-'));
  await chmod(runDir, 0o711); // the database runs as another user when this is root, and must pass through
  const guard = startGuard(runDir);
  const shop = new ShopStart(options, settings, { dir: runDir, watch: guard.watch });
  const stop = () => shop.stop().finally(() => guard.release());
  try {
    return { ...(await shop.start()), stop: onceOnly(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function onceOnly(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}
