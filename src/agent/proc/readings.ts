/**
 * Numbers that a kernel told at one instant, by name: `TcpExtListenOverflows` (the names of `nstat`), `pressure.cpu.some_us`,
 * `disk.vda.in_flight`. The names are ours and fixed; what a file calls otherwise is left out.
 */
export type Readings = Map<string, number>;

/** Reads one file's text into the readings. Never throws; what is not a number is left out. */
export type ReadProc = (text: string, into: Readings) => void;

/** A count as the kernel prints it: digits only, at most what a double holds exactly. */
export function countOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function put(into: Readings, name: string, value: number | undefined): void {
  if (value !== undefined) into.set(name, value);
}

export const fieldsOf = (line: string): string[] => line.trim().split(/\s+/);
