#!/usr/bin/env node
// What `npm run demo`, `npm test` and `npm run eval` call in a fresh checkout. It has no dependencies: it installs them
// when needed, builds the viewer when its sources have changed, and hands over.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const say = (line) => process.stderr.write(`${line}\n`);

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Headwater needs Node.js 20.19 or newer; this is ${process.version}.`);
  process.exit(3);
}

// A blocked parent must outlive Ctrl-C, or the prompt is back before its child has cleaned up.
function run(command, args, options = {}) {
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
  process.off('SIGINT', ignore);
  if (result.error) {
    say(`headwater: ${command} could not be started: ${result.error.message}`);
    return 3;
  }
  return result.status ?? 130;
}

const packagesIn = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages;

/** What else npm notes of a package differs between its versions. */
const contentOf = (entry) => entry && `${entry.version} ${entry.integrity}`;

/** npm writes down last what it has put into `node_modules`; packages of other platforms are in the lock file alone. */
function isInstalled() {
  const written = 'node_modules/.package-lock.json';
  if (!existsSync(join(ROOT, written))) return false;
  const installed = packagesIn(written);
  const { '': _root, ...wanted } = packagesIn('package-lock.json');
  const isSame = (path) => contentOf(installed[path]) === contentOf(wanted[path]);
  const isNeeded = (path) => installed[path] || !wanted[path].optional;
  return Object.keys(installed).every(isSame) && Object.keys(wanted).filter(isNeeded).every(isSame);
}

/** `npm ci`, unless what the lock file asks for is there, whoever installed it. */
function installDependencies() {
  if (isInstalled()) return;
  say('Installing dependencies (npm ci) …');
  const startMs = Date.now();
  // npm's own output goes to stderr: stdout belongs to the command that follows.
  const status = run(npm(), ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    say(
      'headwater: npm ci failed; its own message is above. Check the network and the registry, then try again.',
    );
    process.exit(3);
  }
  say(`Dependencies installed (${((Date.now() - startMs) / 1000).toFixed(1)} s).`);
}

const npm = () => (process.platform === 'win32' ? 'npm.cmd' : 'npm');

function* filesBelow(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) yield* filesBelow(join(path, name));
}

/** Builds the viewer when what it is made of has changed. */
function buildViewer() {
  const hash = createHash('sha256');
  for (const part of ['viewer', 'src/model', 'src/analyse', 'vite.config.ts', 'package-lock.json'])
    for (const file of filesBelow(join(ROOT, part))) hash.update(file).update(readFileSync(file));
  const wanted = hash.digest('hex');
  const stamp = join(ROOT, 'dist/viewer.hash');
  if (existsSync(join(ROOT, 'dist/viewer/index.html')) && existsSync(stamp))
    if (readFileSync(stamp, 'utf8') === wanted) return;
  say('Building the viewer …');
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const status = run(process.execPath, [vite, 'build', '--logLevel', 'warn'], { stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status);
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

const HEADWATER = join(ROOT, 'bin/headwater.mjs');

/** In this very process, so that Ctrl-C and SIGTERM reach the command itself. */
async function becomeHeadwater(...args) {
  process.argv = [process.execPath, HEADWATER, ...args];
  await import('./headwater.mjs');
}

const VERBS = {
  demo(args) {
    installDependencies();
    buildViewer();
    return becomeHeadwater('demo', ...args);
  },
  test(args) {
    installDependencies();
    buildViewer();
    const missing = run(process.execPath, [HEADWATER, 'doctor', '--install', '--for', 'demo', '--quiet']);
    if (missing !== 0) return missing;
    return run(process.execPath, [join(ROOT, 'bin/test.mjs'), ...args]);
  },
  async eval(args) {
    installDependencies();
    const missing = run(process.execPath, [HEADWATER, 'doctor', '--install', '--for', 'demo', '--quiet']);
    if (missing !== 0) return missing;
    process.argv = [process.execPath, join(ROOT, 'test/eval/main.ts'), ...args];
    (await import('tsx/esm/api')).register();
    await import('../test/eval/main.ts'); // in this very process: Ctrl-C reaches it
  },
  'eval:shift'(args) {
    installDependencies();
    return run(process.execPath, ['--import', 'tsx', join(ROOT, 'test/eval/shift-eval.ts'), ...args]);
  },
  dev(args) {
    installDependencies();
    return run(process.execPath, [join(ROOT, 'bin/dev.mjs'), ...args]);
  },
  bench(args) {
    installDependencies();
    return run(process.execPath, ['--import', 'tsx', join(ROOT, 'test/bench/bench.ts'), ...args]);
  },
  'bench:playwright'(args) {
    installDependencies();
    return run(process.execPath, ['--import', 'tsx', join(ROOT, 'test/bench/playwright.ts'), ...args]);
  },
  gallery(args) {
    installDependencies();
    buildViewer();
    return run(process.execPath, ['--import', 'tsx', join(ROOT, 'test/gallery/main.ts'), ...args]);
  },
  'bench:viewer'(args) {
    installDependencies();
    buildViewer();
    return run(process.execPath, ['--import', 'tsx', join(ROOT, 'test/bench/viewer.ts'), ...args]);
  },
  pack() {
    installDependencies();
    buildViewer();
    return run(process.execPath, [join(ROOT, 'bin/compile.mjs')]);
  },
};

requireNode();
const [verb, ...args] = process.argv.slice(2);
if (!Object.hasOwn(VERBS, verb)) {
  say(`usage: node bin/bootstrap.mjs ${Object.keys(VERBS).join('|')} [arguments]`);
  process.exit(2);
}
const status = await VERBS[verb](args);
if (status !== undefined) process.exitCode = status;
