/** Real programs that read what /metrics says, where they are installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface ParsedSample {
  readonly family: string;
  readonly type: string;
  readonly unit: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar: readonly [labels: Readonly<Record<string, string>>, value: number, at: number] | null;
}

const works = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** `pip install prometheus_client` */
export const hasPythonParser = works('python3', '-c', 'import prometheus_client.openmetrics.parser');
/** `apt-get install prometheus` */
export const hasPromtool = works('promtool', '--version');

/** @throws Error with what the parser says of it */
export function parsedByPython(text: string): ParsedSample[] {
  const { status, stdout, stderr } = spawnSync('python3', [join(import.meta.dirname, 'parse.py')], {
    input: text,
    encoding: 'utf8',
    maxBuffer: 64e6,
  });
  if (status !== 0) throw new Error(`The parser refused it: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [family, type, unit, name, labels, value, exemplar] = JSON.parse(line);
      return { family, type, unit, name, labels, value: Number(value), exemplar };
    });
}

/** What `promtool check metrics` says against it; empty when it has no word. */
export function promtoolSays(text: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return status === 0 ? '' : `${stdout}${stderr}`;
}
