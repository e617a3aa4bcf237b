/** Where the commands speak: results on stdout, everything else on stderr. */

import type { Comparison } from '../model/comparison.ts';
import type { RunReport, RunView } from '../model/report.ts';
import { coloursFor } from './terminal/colour.ts';
import { renderRun } from './terminal/report.ts';

const DEFAULT_WIDTH = 110;
const MAX_WIDTH = 180;

const out = coloursFor(process.stdout);
const err = coloursFor(process.stderr);

// `headwater show … | head` closes the pipe early: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

export const print = (text: string): void =>
  void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
export const say = (text: string): void => void process.stderr.write(`${text}\n`);
export const sayDone = (part: string, detail: string): void =>
  say(`${err.green('✓')} ${part.padEnd(16)} ${err.dim(detail)}`);
export const sayStarting = (part: string, detail: string): void =>
  say(`${err.dim('…')} ${part.padEnd(16)} ${err.dim(detail)}`);
export const sayLoud = (text: string): void => say(`${err.yellow('!')} ${err.bold(err.yellow(text))}`);
export const sayFailed = (text: string): void => say(`${err.red('✖')} ${text}`);

/** One object on one line, the contract of `--json`. */
export const printJson = (answer: RunReport | Comparison): void => print(JSON.stringify(answer));

export const stdoutWidth = (): number => Math.min(process.stdout.columns ?? DEFAULT_WIDTH, MAX_WIDTH);

export const printRun = (view: RunView): void => print(`\n${renderRun(view, stdoutWidth(), out)}`);

export const stdoutColours = out;
