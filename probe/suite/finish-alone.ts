/** A spec that imports `headwater/playwright` without the reporter: a process of its own makes the runs afterwards. */
import { spawn } from 'node:child_process';

const SCRIPT = new URL(
  new URL(import.meta.url).pathname.endsWith('.ts') ? './finish-from-source.mjs' : './finish-suite.js',
  import.meta.url,
);

/** Does not wait: the suite's result is not late because of its traces. */
export function finishAlone(folder: string): void {
  spawn(process.execPath, [SCRIPT.pathname, folder], { detached: true, stdio: 'ignore' }).unref();
}
