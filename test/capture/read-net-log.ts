/** The NetLog of the browser that runs now: its folder is the newest of those that the probe makes. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Chromium writes its log in batches. */
const FLUSH_MS = 2_000;

export async function readNetLogOfRun(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith('headwater-browser-'));
  const paths = folders.map((name) => join(tmpdir(), name, 'netlog.json'));
  const newest = paths.sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs).at(-1);
  return newest ? readFileSync(newest, 'utf8') : '';
}
