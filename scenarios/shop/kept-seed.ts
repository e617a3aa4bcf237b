/**
 * A seeded database, made once a machine and kept as a stopped data folder; every shop runs on a copy of it, so that
 * several can run at once and no fault reaches the kept one. What seeds of another version left behind is removed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A start of another version may be copying its seed right now; a copy takes seconds. */
const UNUSED_MS = 10 * 60_000;

export const defaultStateDir = (): string =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'headwater');

export interface SeedRequest {
  readonly stateDir: string;
  /** What is seeded: `shop-postgresql`. */
  readonly name: string;
  /** Everything that the seed depends on. */
  readonly madeOf: readonly string[];
  /** Makes the data folder, stopped, and says where it is. */
  readonly make: () => Promise<string>;
}

/** Path of the kept data folder, made now when there is none. */
export async function keptSeed({ stateDir, name, madeOf, make }: SeedRequest): Promise<string> {
  const key = createHash('sha256').update(madeOf.join('\0')).digest('hex').slice(0, 16);
  const kept = join(stateDir, `${name}-${key}`);
  if (!existsSync(kept)) {
    await keep(await make(), kept, stateDir);
    await removeOthers(stateDir, name, kept);
  }
  const now = new Date();
  await utimes(kept, now, now).catch(() => {}); // says that it is in use; a folder that only others may touch is too
  return kept;
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

async function removeOthers(stateDir: string, name: string, kept: string): Promise<void> {
  const isSeed = new RegExp(`^${name}-[0-9a-f]{16}$`);
  for (const other of await readdir(stateDir)) {
    const path = join(stateDir, other);
    if (!isSeed.test(other) || path === kept) continue;
    const usedMs = (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
    if (Date.now() - usedMs > UNUSED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** The system's `cp` shares blocks where the file system can, and is three times as fast as Node's where it cannot. */
export const copyFolder = (from: string, to: string) => run('cp', ['-Rp', from, to]);
