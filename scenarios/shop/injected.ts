/**
 * What the faults really did, by the clock of the part that did it: the truth that a verdict is compared with.
 * One JSON line a deed, in a file of the shop's folder. Neither probe nor collector ever reads it.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Injection {
  readonly fault: string;
  /** How much longer somebody had to wait. */
  readonly ms: number;
  /** When it was over. */
  readonly atUnixMs: number;
}

export const INJECTED_VARIABLE = 'SHOP_INJECTED';
export const injectedFile = (shopDir: string): string => join(shopDir, 'injected.jsonl');

/** Called by the part that made somebody wait, once it is over. */
export function noteInjected(fault: string, ms: number): void {
  const file = process.env[INJECTED_VARIABLE];
  const injection: Injection = { fault, ms, atUnixMs: Date.now() };
  if (file) appendFileSync(file, `${JSON.stringify(injection)}\n`);
}

/** All of them so far, in order. */
export function readInjected(file: string): Injection[] {
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return []; // nothing was injected yet
  }
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Injection);
}
