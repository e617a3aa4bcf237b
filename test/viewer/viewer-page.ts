/** The built viewer behind the real server, with runs that a test names, in a real Chromium. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { build } from 'vite';
import { findChromium, noChromiumError } from '../../probe/chromium.ts';
import type { RunSummary, RunView } from '../../src/model/report.ts';
import { type RunningServer, startServer } from '../../src/serve/server.ts';
import type { RunFile } from '../../src/store/store.ts';
import { runSummary } from '../fixtures/run-view.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export interface ViewerBench {
  readonly url: string;
  /** What the server has; a test may change it while the page is open. */
  readonly stock: { views: RunView[]; running: RunSummary[]; files: RunFile[]; broken: boolean };
  /** Opens an address; fails the test on any error or injected script in the page. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** What the pages complained about since the last call. */
  complaints(): string[];
  stop(): Promise<void>;
}

export async function startViewerBench(): Promise<ViewerBench> {
  const viewerDir = mkdtempSync(join(tmpdir(), 'headwater-viewer-'));
  await build({
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: viewerDir, emptyOutDir: true },
  });
  const stock: ViewerBench['stock'] = { views: [], running: [], files: [], broken: false };
  const server = await startServer({ port: 0, viewerDir, store: sourceOf(stock) });
  const browser = await launch();
  const complaints: string[] = [];
  return {
    url: server.url,
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
  file: (_: string, name: string) => stock.files.find((file) => file.name === name),
  run: (traceId: string) => stock.views.find((view) => view.report.traceId === traceId),
  findTrace: (prefix: string) =>
    stock.views.map((view) => view.report.traceId).filter((id) => id.startsWith(prefix)),
});

async function launch(): Promise<Browser> {
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

/** The violations that axe finds, as `rule: element`. */
export async function axeViolations(page: Page): Promise<string[]> {
  // Through the debugger, not a script element: the page's content security policy stays as it is.
  const { readFileSync } = await import('node:fs');
  await page.evaluate(readFileSync(axePath, 'utf8'));
  return page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe;
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`));
  });
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: string[] }[];
  }[];
}
