/** For each format, the largest of the fixtures that are of it: found by looking, so that no format is forgotten. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FORMATS, type Format, formatOf } from '../../src/import/formats.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
/** Properties read the capture a few hundred times. */
const MAX_BYTES = 64 * 1024;

function* fixtureFiles(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* fixtureFiles(path);
    else if (!/\.(ts|md|db|gz)$/.test(name) && statSync(path).size <= MAX_BYTES) yield path;
  }
}

export interface Capture {
  readonly format: Format;
  readonly bytes: Buffer;
}

export function captures(): Capture[] {
  const bytesByFormat = new Map<Format, Buffer>();
  for (const path of fixtureFiles(FIXTURES)) {
    const bytes = readFileSync(path);
    const format = formatOf(bytes);
    if (format && bytes.length > (bytesByFormat.get(format)?.length ?? 0)) bytesByFormat.set(format, bytes);
  }
  return FORMATS.map((format) => {
    const bytes = bytesByFormat.get(format);
    if (!bytes) throw new Error(`test/fixtures holds nothing that is recognised as ${format.name}`);
    return { format, bytes };
  });
}
