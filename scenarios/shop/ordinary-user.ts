/** The user that a database's server runs as when this process is root: servers refuse to be. */
import { execFileSync } from 'node:child_process';

export interface OrdinaryUser {
  readonly uid: number;
  readonly gid: number;
}

/** Undefined when this process is nobody special itself. Throws when there is no such user. */
export function ordinaryUser(server: string, ...names: readonly string[]): OrdinaryUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of names) {
    const [uid, gid] = [idOf('-u', name), idOf('-g', name)];
    if (uid && gid) return { uid, gid };
  }
  throw new Error(`${server} does not run as root, and there is no user ${names.join(' or ')} to run it as.`);
}

function idOf(option: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(execFileSync('id', [option, name], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  } catch {
    return undefined;
  }
}
