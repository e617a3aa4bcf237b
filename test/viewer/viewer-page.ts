/** The built viewer behind the real server, with runs that a test names, in a real Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { findChromium, noChromiumError } from '../../probe/chromium.ts';
import { outcomeOf } from '../../src/analyse/journey/outcome.ts';
import type { Normal } from '../../src/analyse/normal.ts';
import type { RunFilter } from '../../src/model/journey.ts';
import type { RunSummary, RunView } from '../../src/model/report.ts';
import type { AppOptions } from '../../src/serve/app.ts';
import type { RunSource } from '../../src/serve/run-source.ts';
import { type RunningServer, startServer } from '../../src/serve/server.ts';
import type { RunFile } from '../../src/store/store.ts';
import { runSummary } from '../fixtures/run-view.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface ViewerBench {
  readonly url: string;
  /** Where the built viewer lies. */
  readonly viewerDir: string;
  /** What the server has; a test may change it while the page is open. */
  readonly stock: {
    views: RunView[];
    running: RunSummary[];
    files: RunFile[];
    broken: boolean;
    usual?: Normal;
  };
  /** Opens an address; fails the test on any error or injected script in the page. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained about since the last call. */
  complaints(): string[];
  stop(): Promise<void>;
}

/** @param source asked instead of the stock */
export async function startViewerBench(
  source?: RunSource,
  more: Pick<AppOptions, 'goals' | 'schedule'> = {},
): Promise<ViewerBench> {
  const viewerDir = mkdtempSync(join(tmpdir(), 'headwater-viewer-'));
  await build({
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: viewerDir, emptyOutDir: true },
  });
  const stock: ViewerBench['stock'] = { views: [], running: [], files: [], broken: false };
  const server = await startServer({ port: 0, viewerDir, store: source ?? sourceOf(stock), ...more });
  const browser = await launchBrowser();
  const complaints: string[] = [];
  return {
    url: server.url,
    viewerDir,
    stock,
    open: (path, options) => open(browser, server, path, options ?? {}, complaints),
    complaints: () => complaints.splice(0),
    stop: async () => {
      await browser.close();
      await server.stop();
      rmSync(viewerDir, { recursive: true, force: true });
    },
  };
}

const sourceOf = (stock: ViewerBench['stock']) => ({
  runs: () => {
    if (stock.broken) throw new Error('the database file is locked');
    return [...stock.running, ...stock.views.map((view) => runSummary(view))];
  },
  journeys: () =>
    [...new Set(stock.views.map((view) => view.report.journey))].map((journey) => {
      const recent = stock.views.filter((view) => view.report.journey === journey).map(outcomeOf);
      return { journey, site: '', runs: recent.length, recent };
    }),
  outcomes: (_: number, { journey }: RunFilter) =>
    stock.views.map(outcomeOf).filter((run) => run.journey === journey),
  usual: () => stock.usual,
  file: (_: string, name: string) => stock.files.find((file) => file.name === name),
  run: (traceId: string) => stock.views.find((view) => view.report.traceId === traceId),
  findTrace: (prefix: string) =>
    stock.views.map((view) => view.report.traceId).filter((id) => id.startsWith(prefix)),
});

export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw noChromiumError();
  // A root user, as in most containers, has no sandbox.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}

async function open(
  browser: Browser,
  server: RunningServer,
  path: string,
  options: BrowserContextOptions,
  complaints: string[],
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(server.url + path);
  return page;
}

/** Waits until bars of a trace are on screen. */
export const firstBars = (page: Page): Promise<unknown> =>
  page.waitForFunction(() => performance.getEntriesByName('headwater:first-bars').length > 0);

/** The violations that axe finds, as `rule: element`; of these rules only, when they are named. */
export async function axeViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Through the debugger, not a script element: the page's content security policy stays as it is.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axePath, 'utf8'));
  return page.evaluate(async (runOnly) => {
    const axe = (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe;
    const { violations } = await axe.run({ resultTypes: ['violations'], ...(runOnly ? { runOnly } : {}) });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
  }, rules);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: string[] }[];
  }[];
}

/**
 * One bench for a whole test file, stocked anew before each test; no page of a test may have complained.
 *
 * @param stock what the server has
 */
export function useViewerBench(stock: () => Partial<ViewerBench['stock']>): ViewerBench {
  let bench: ViewerBench;
  const none = { views: [], running: [], files: [], broken: false, usual: undefined };
  beforeAll(async () => {
    bench = await startViewerBench();
  }, 120_000);
  afterAll(() => bench?.stop());
  beforeEach(() => {
    Object.assign(bench.stock, none, stock());
  });
  afterEach(() => {
    expect(bench.complaints()).toEqual([]);
  });
  return {
    get url() {
      return bench.url;
    },
    get viewerDir() {
      return bench.viewerDir;
    },
    get stock() {
      return bench.stock;
    },
    open: (path, options) => bench.open(path, options),
    complaints: () => bench.complaints(),
    stop: () => bench.stop(),
  };
}
