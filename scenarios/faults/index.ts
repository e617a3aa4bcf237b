/** Every fault by its name, and the reader of `--fault NAME[=MS]`. */
import { dbSeqScan } from './db-seq-scan.ts';
import { dnsSlow } from './dns-slow.ts';
import type { Fault } from './fault.ts';

export { type Fault, faultMs } from './fault.ts';

export const faults: Readonly<Record<string, Fault>> = Object.fromEntries(
  [dbSeqScan, dnsSlow].map((fault) => [fault.name, fault]),
);

/** Longer than this and clients give up, which is another fault. */
const MAX_MS = 10_000;

/** `dns-slow` or `dns-slow=120`. Throws an Error that names the known faults, or says what is wrong with the value. */
export function parseFault(text: string): Fault {
  const [name = '', value, ...more] = text.trim().split('=');
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (!fault)
    throw new Error(`There is no fault "${name}". Known faults: ${Object.keys(faults).join(', ')}.`);
  if (value === undefined) return fault;
  const ms = Number(value);
  if (more.length > 0 || value === '' || !(ms > 0 && ms <= MAX_MS)) {
    throw new Error(
      `"${text}" does not say how long: write ${name}=MS with milliseconds from 1 to ${MAX_MS}, ` +
        `for example ${name}=${fault.defaultMs}.`,
    );
  }
  return { ...fault, ms };
}
