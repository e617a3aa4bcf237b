/**
 * The programs that listen, as `ss -tlnpH` (iproute2) tells them: those that serve somebody.
 * ```
 * LISTEN 0 511 127.0.0.1:8080 0.0.0.0:* users:(("node",pid=4711,fd=18),("node",pid=4712,fd=18))
 * ```
 * Read: port and `users`. Of other people's processes only root is told. https://man7.org/linux/man-pages/man8/ss.8.html
 */
import { execFile } from 'node:child_process';

export interface Listener {
  readonly pid: number;
  readonly program: string;
  /** The first of its ports. */
  readonly port: number;
}

const LISTENERS = ['-tlnpH'];
const LIMIT_MS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Empty when `ss` is not there or fails: single processes are then not followed. */
export function findListeners(): Promise<Listener[]> {
  return new Promise((resolve) => {
    execFile('ss', LISTENERS, { timeout: LIMIT_MS, maxBuffer: MAX_BYTES }, (_, stdout) =>
      resolve(readListeners(stdout ?? '')),
    );
  });
}

const PORT = /^LISTEN\s+\d+\s+\d+\s+\S+:(\d{1,5})\s/;
const USER = /\("([^"]{0,64})",pid=(\d{1,10}),/g;

export function readListeners(text: string): Listener[] {
  const byPid = new Map<number, Listener>();
  for (const line of text.split('\n')) {
    const port = PORT.exec(line)?.[1];
    if (port === undefined) continue;
    for (const [, program = '', id] of line.matchAll(USER)) {
      const pid = Number(id);
      if (!byPid.has(pid)) byPid.set(pid, { pid, program, port: Number(port) });
    }
  }
  return [...byPid.values()];
}
