/** Computes while others have most of its CPU: it is ready all the while, and gets its turn now and then. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

const RIVALS = 4;
/** Until they are all at work. */
const SETTLED_MS = 20;

export const starve: Deed = async ({ fault, ms }) => {
  const startMs = performance.now();
  const all = allowedCpus();
  const one = all.split(/[,-]/)[0]!;
  const rivals = Array.from({ length: RIVALS }, () =>
    spawn('taskset', ['-c', one, 'sh', '-c', 'while :; do :; done'], { stdio: 'ignore' }),
  );
  try {
    hold(one);
    await sleep(SETTLED_MS);
    while (performance.now() - startMs < ms);
  } finally {
    for (const rival of rivals) rival.kill('SIGKILL');
    hold(all);
  }
  noteInjected(fault, performance.now() - startMs);
};

/** `0-3`. */
const allowedCpus = (): string =>
  /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';

/** The thread that runs the event loop, and no other: its number is the process's. */
const hold = (cpus: string): void => {
  execFileSync('taskset', ['-cp', cpus, String(process.pid)], { stdio: 'ignore' });
};
