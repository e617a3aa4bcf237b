/** What `npm pack` gives runs in an empty folder. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ROOT } from './headwater.ts';

const folder = mkdtempSync(join(tmpdir(), 'headwater-pack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('installs from its tarball, and answers', () => {
  const npm = (args: readonly string[], cwd: string) =>
    execFileSync('npm', [...args, '--no-fund', '--no-audit', '--loglevel=error'], { cwd, encoding: 'utf8' });
  npm(['pack', '--pack-destination', folder], ROOT);
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  expect(tarball).toMatch(/^headwater-\d/);
  npm(['install', '--prefer-offline', '--prefix', folder, join(folder, tarball)], folder);
  const headwater = (...args: readonly string[]) =>
    execFileSync(join(folder, 'node_modules/.bin/headwater'), args, { cwd: folder, encoding: 'utf8' });
  expect(headwater('--help')).toContain('headwater demo');
  expect(headwater('demo', '--help')).toContain('db-seq-scan');
  const config =
    "import { defineConfig } from 'headwater/config'; import { defineJourney } from 'headwater'; console.log(typeof defineConfig, typeof defineJourney)";
  const types = execFileSync(process.execPath, ['--input-type=module', '-e', config], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(types.trim()).toBe('function function');
  // Their peer is the suite's own; without it they can be found, and no more.
  const entries =
    "for (const e of ['playwright', 'playwright-reporter']) console.log(import.meta.resolve('headwater/' + e))";
  const found = execFileSync(process.execPath, ['--input-type=module', '-e', entries], {
    cwd: folder,
    encoding: 'utf8',
  });
  for (const url of found.trim().split('\n')) expect(existsSync(new URL(url))).toBe(true);
});
