/** A copy of the suite in a project of its own, with Headwater installed there as its package has it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from '../../probe/chromium.ts';
import { ended, ROOT, type Said } from './headwater.ts';

/** Statuses of a test's tries, by its title and project. */
export type Outcomes = Readonly<Record<string, readonly string[]>>;

const PLAYWRIGHT = join(ROOT, 'node_modules/@playwright/test/cli.js');

export class SuiteProject {
  readonly path = mkdtempSync(join(tmpdir(), 'headwater-project-'));
  readonly env: Record<string, string> = {};

  static async of(suite: string, home: string, env: Record<string, string> = {}): Promise<SuiteProject> {
    const project = new SuiteProject();
    cpSync(suite, project.path, { recursive: true });
    project.install();
    Object.assign(project.env, env, {
      HEADWATER_HOME: home,
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      CHROMIUM: (await findChromium()) ?? '',
      PORT: String(await freePort()),
    });
    return project;
  }

  /** The same project once more, at the same port. */
  copy(): SuiteProject {
    const project = new SuiteProject();
    cpSync(this.path, project.path, { recursive: true, verbatimSymlinks: true });
    Object.assign(project.env, this.env);
    return project;
  }

  private install(): void {
    const headwater = join(this.path, 'node_modules/headwater');
    mkdirSync(headwater, { recursive: true });
    const modules = join(ROOT, 'node_modules');
    symlinkSync(join(modules, '@playwright'), join(this.path, 'node_modules/@playwright'));
    symlinkSync(modules, join(headwater, 'node_modules'));
    cpSync(join(ROOT, 'package.json'), join(headwater, 'package.json'));
    execFileSync(process.execPath, [join(ROOT, 'bin/compile.mjs'), join(headwater, 'dist')]);
  }

  /** Puts other words into one of its files. */
  edit(file: string, from: string, to: string): void {
    const path = join(this.path, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no "${from}"`);
    writeFileSync(path, text.replace(from, to));
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.path, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8');
  }

  playwright(...args: readonly string[]): Promise<Said> {
    return this.node(PLAYWRIGHT, 'test', ...args);
  }

  /** Playwright where nobody else is on the network; needs what `whyNoPrivateNetwork` says. */
  playwrightAlone(...args: readonly string[]): Promise<Said> {
    const command = ['ip link set lo up; exec "$@"', 'alone', process.execPath, PLAYWRIGHT, 'test', ...args];
    return ended(
      spawn('unshare', ['-n', '-m', 'sh', '-c', ...command], {
        cwd: this.path,
        env: { ...process.env, ...this.withResults() },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  /** Playwright in a group of processes of its own, as a shell starts it. */
  startPlaywright(...args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [PLAYWRIGHT, 'test', ...args], {
      cwd: this.path,
      env: { ...process.env, ...this.env },
      stdio: 'ignore',
      detached: true,
    });
  }

  headwater(...args: readonly string[]): Promise<Said> {
    return this.node(join(ROOT, 'bin/headwater.mjs'), ...args);
  }

  node(...args: readonly string[]): Promise<Said> {
    return nodeIn(this.path, args, this.withResults());
  }

  private withResults(): Record<string, string> {
    return { ...this.env, PLAYWRIGHT_JSON_OUTPUT_NAME: join(this.path, 'results.json') };
  }

  /** Of the last command that had the JSON reporter. */
  results(): PlaywrightResults {
    return JSON.parse(readFileSync(join(this.path, 'results.json'), 'utf8')) as PlaywrightResults;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Node.js in a folder, until it has ended; what it said. */
export function nodeIn(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Said> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return ended(child);
}

/** What the JSON reporter writes, as far as it is looked at. */
export interface PlaywrightResults {
  readonly suites: readonly ResultSuite[];
  readonly stats: { readonly duration: number; readonly expected: number };
}
interface ResultSuite {
  readonly title: string;
  readonly suites?: readonly ResultSuite[];
  readonly specs: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly projectName: string;
      readonly status: string;
      readonly results: readonly TryResult[];
    }[];
  }[];
}
export interface TryResult {
  readonly status: string;
  readonly retry: number;
  readonly attachments: readonly { readonly name: string }[];
  readonly annotations?: readonly { readonly type: string; readonly description?: string }[];
}

type PlaywrightTestResults = ResultSuite['specs'][number]['tests'][number];

function testsByTitle(results: PlaywrightResults): Record<string, PlaywrightTestResults> {
  const tests: Record<string, PlaywrightTestResults> = {};
  const visit = (suite: ResultSuite, titles: readonly string[]): void => {
    const path = suite.title ? [...titles, suite.title] : titles;
    for (const spec of suite.specs)
      for (const test of spec.tests)
        tests[`${[...path, spec.title].join(' › ')} [${test.projectName}]`] = test;
    for (const inner of suite.suites ?? []) visit(inner, path);
  };
  for (const suite of results.suites) visit(suite, []);
  return tests;
}

/** `basket.spec.ts › counts [desktop]` → `['failed', 'passed', 'flaky']`: each try, and what Playwright makes of them. */
export const outcomesOf = (results: PlaywrightResults): Outcomes =>
  Object.fromEntries(
    Object.entries(testsByTitle(results)).map(([title, test]) => [
      title,
      [...test.results.map(({ status }) => status), test.status],
    ]),
  );

export const triesOf = (results: PlaywrightResults): Record<string, readonly TryResult[]> =>
  Object.fromEntries(Object.entries(testsByTitle(results)).map(([title, test]) => [title, test.results]));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
