#!/usr/bin/env node
// `npm test`: lint, types, then every test; ends with one line `N passed, N failed, N skipped`.
// Arguments are vitest's: `npm test -- test/stitch`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const bin = (path) => join(ROOT, 'node_modules', path);
const totals = { passed: 0, failed: 0, skipped: 0 };
const startMs = Date.now();

function node(args) {
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

function check(name, args) {
  const ok = node(args);
  console.log(`${ok ? '✓' : '✖'} ${name}`);
  totals[ok ? 'passed' : 'failed']++;
}

function tests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-test-'));
  const file = join(folder, 'result.json');
  const ok = node([
    bin('vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...args,
  ]);
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  totals.passed += result?.numPassedTests ?? 0;
  totals.failed += result?.numFailedTests ?? 0;
  totals.skipped += (result?.numPendingTests ?? 0) + (result?.numTodoTests ?? 0);
  // A file that cannot be loaded, or an error outside a test, fails no test and must not pass.
  if (!ok && (result?.numFailedTests ?? 0) === 0) totals.failed++;
}

const args = process.argv.slice(2);
check('lint and format', [bin('@biomejs/biome/bin/biome'), 'check', '.']);
check('types', [bin('typescript/bin/tsc'), '-p', '.']);
check('types of the viewer', [bin('typescript/bin/tsc'), '-p', 'viewer']);
tests(args);

console.log(`\nTook ${((Date.now() - startMs) / 1000).toFixed(0)} s`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
