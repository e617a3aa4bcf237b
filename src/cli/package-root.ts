/** The folder that holds Headwater's package.json: a checkout's top, or the installed package. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function findPackageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

export const PACKAGE_ROOT = findPackageRoot();
export const VIEWER_DIR = join(PACKAGE_ROOT, 'dist/viewer');
/** TypeScript in a checkout, compiled in the package. */
export const SCENARIOS_DIR = existsSync(join(PACKAGE_ROOT, 'scenarios'))
  ? join(PACKAGE_ROOT, 'scenarios')
  : join(PACKAGE_ROOT, 'dist/scenarios');

export const VERSION: string = (
  JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }
).version;
