/**
 * Ends what would outlive a shop whose process was killed. HAProxy and PostgreSQL do not notice that; this process
 * does: its IPC channel closes. It then ends the processes that it was told of and removes the shop's folder.
 * After an orderly stop it finds nothing to do.
 *
 * Argument: the shop's folder. Messages: a pid each.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const folder = process.argv[2] ?? '';
const pids: number[] = [];
/** How long an orderly end may take before it is not asked for any more. */
const GRACE_MS = 3_000;

process.on('message', (pid) => pids.push(Number(pid)));
process.on('disconnect', cleanUp);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

async function cleanUp(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const left = pids.filter(isOfTheShop);
    if (left.length === 0) break;
    for (const pid of left) process.kill(pid, signal);
    await gone(left);
  }
  if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  process.exit(0);
}

async function gone(left: readonly number[]): Promise<void> {
  const limitMs = performance.now() + GRACE_MS;
  while (performance.now() < limitMs && left.some(isOfTheShop)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A pid can be another process by now: the shop's own have its folder in their command line. */
function isOfTheShop(pid: number): boolean {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)])
      .toString()
      .includes(folder);
  } catch {
    return false;
  }
}
