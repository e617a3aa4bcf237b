/**
 * A suite's own Playwright Test, and how it is started with Headwater in it.
 *
 * ```
 * node --import PRELOAD  …/@playwright/test/cli.js test my.spec.ts     the suite's own files and configuration, as they are
 *        └─ each worker is forked with the same --import; web servers and other children are not
 * ```
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PlaywrightTest {
  /** Of `@playwright/test`, or of `playwright`, which is the same without a name of its own. */
  readonly folder: string;
  readonly version: string;
  readonly cli: string;
  /** What `import … from '@playwright/test'` loads in the end. */
  readonly main: string;
}

const SPEC_NAME = /\.(spec|test)\.[cm]?[jt]sx?$/;
const IMPORTS_TEST =
  /from\s+['"](@playwright\/test|headwater\/playwright)['"]|require\(['"]@playwright\/test['"]\)/;

/** A file that Playwright Test runs, or a folder of such. */
export function isSuite(named: string): boolean {
  const path = resolve(named);
  if (!existsSync(path)) return SPEC_NAME.test(named);
  if (statSync(path).isDirectory()) return true;
  if (SPEC_NAME.test(path)) return true;
  return /\.[cm]?[jt]sx?$/.test(path) && IMPORTS_TEST.test(readFileSync(path, 'utf8'));
}

/** As the suite itself would find it, from its own folder upwards; undefined when there is none. */
export function findPlaywrightTest(named: string): PlaywrightTest | undefined {
  for (const folder of [dirname(resolve(named)), process.cwd()])
    for (const [name, main] of PACKAGES) {
      const found = playwrightIn(createRequire(join(folder, 'suite.js')), name, main);
      if (found) return found;
    }
  return undefined;
}

const PACKAGES = [
  ['@playwright/test', '@playwright/test'],
  ['playwright', 'playwright/test'],
] as const;

function playwrightIn(require: NodeJS.Require, name: string, main: string): PlaywrightTest | undefined {
  try {
    const packageFile = require.resolve(`${name}/package.json`);
    const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
    const folder = dirname(packageFile);
    return { folder, version, cli: join(folder, 'cli.js'), main: require.resolve(main) };
  } catch {
    return undefined;
  }
}

/** In a checkout TypeScript is loaded as it is. */
const PRELOAD = new URL(
  import.meta.url.endsWith('.ts') ? '../../probe/suite/preload-from-source.mjs' : '../../suite/preload.js',
  import.meta.url,
);

/** Arguments of Node.js. */
export const playwrightArguments = (playwright: PlaywrightTest, args: readonly string[]): string[] => [
  '--import',
  PRELOAD.href,
  playwright.cli,
  'test',
  ...args,
];

export const hasPreload = (): boolean => existsSync(fileURLToPath(PRELOAD));
