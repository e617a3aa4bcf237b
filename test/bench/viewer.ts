/**
 * `npm run bench:viewer`: how fast the viewer is, by the size of the run: from navigation to the first bars in a fresh
 * browser and the longest task on the way, frames while panning, zooming and scrolling, the same in lanes, jumps, search,
 * memory; and the run as one HTML file. Runs are stored before anything is timed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright';
import { findChromium, noChromiumError } from '../../probe/chromium.ts';
import { reopening } from '../../src/run/reopen.ts';
import { startServer } from '../../src/serve/server.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { firstBars } from './first-bars.ts';
import { SHAPES } from './generate.ts';
import { traceIdOf } from './store-run.ts';
import {
  EXPORTED_UP_TO_SPANS,
  type Exported,
  exportComplaints,
  exportText,
  measureExport,
} from './viewer-export.ts';
import { type Frames, framesWhile, type Gesture, jumps, press, searches, watchTasks } from './viewer-work.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const ROUNDS = 5;
const GESTURE_MS = 3_000;
const JUMPS = 20;
/** A name, a part of an SQL text, an attribute's value, two words, and nothing at all. */
const WORDS = ['get', 'select', 'items', 'scan items', 'zzz'];
/** A million spans and what is made of them. */
const HEAP_MB = 8_192;
const GESTURES: readonly Gesture[] = ['pan', 'zoom', 'scroll'];

/**
 * The budgets, ms, for the two sizes that have them. The display shows a frame each 16.67 ms, so an interval is a multiple
 * of that: 16.7, 33.3, 50. Its clock is read in steps of 0.1 ms and shows one frame as 16.6 to 16.8; so much is allowed
 * above a budget, and far less than the next multiple.
 */
const JITTER_MS = 0.2;
const BUDGETS: Readonly<Record<number, Partial<Record<keyof Row, number>>>> = {
  100000: {
    firstBarsMs: 1_000,
    panP95: 16.7,
    zoomP95: 16.7,
    scrollP95: 16.7,
    lanesZoomP95: 16.7,
    lanesScrollP95: 16.7,
    jumpMs: 50,
    searchMs: 200,
  },
  1000000: {
    firstBarsMs: 3_000,
    panP95: 33,
    zoomP95: 33,
    scrollP95: 33,
    lanesZoomP95: 33,
    lanesScrollP95: 33,
    jumpMs: 50,
    searchMs: 200,
  },
};

const HELP = `Times the viewer in a fresh headless Chromium, by the size of the run; the median of ${ROUNDS} rounds.

  npm run bench:viewer                                   1 k, 10 k, 100 k and 1 M spans
  npm run bench:viewer -- --sizes 1000,100000            these sizes
  npm run bench:viewer -- --rounds 1                     fewer rounds
  npm run bench:viewer -- --shape siblings               all spans below one (or: chain, each below the one before)
  npm run bench:viewer -- --json                         one object on stdout
  npm run bench:viewer -- --check                        fail when a budget is broken

Frames are the time between two of them (p50 / p95) during ${GESTURE_MS / 1_000} s of each gesture, and in brackets for how long
the page's main thread was busy with one (p95). Longest: of the main thread's tasks until the first bars and a second after.
Lanes: from the key to the painted lanes, all of them open. Jump and search: the slowest of ${JUMPS} and of ${WORDS.length}, to the painted screen.`;

interface Row {
  readonly spans: number;
  readonly firstBarsMs: number;
  readonly longestTaskMs: number;
  readonly panP50: number;
  readonly panP95: number;
  readonly panWork: number;
  readonly zoomP50: number;
  readonly zoomP95: number;
  readonly zoomWork: number;
  readonly scrollP50: number;
  readonly scrollP95: number;
  readonly scrollWork: number;
  readonly openAllMs: number;
  readonly lanesMs: number;
  readonly lanesZoomP50: number;
  readonly lanesZoomP95: number;
  readonly lanesZoomWork: number;
  readonly lanesScrollP50: number;
  readonly lanesScrollP95: number;
  readonly lanesScrollWork: number;
  readonly jumpMs: number;
  readonly searchMs: number;
  readonly heapMb: number;
  readonly columnsMb: number;
}

interface Options {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly shape: string;
  readonly json: boolean;
  readonly check: boolean;
}

function optionsOf(args: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sizes: { type: 'string' },
        rounds: { type: 'string', default: String(ROUNDS) },
        shape: { type: 'string', default: 'journey' },
        json: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return HELP;
    const sizes = values.sizes?.split(',').map(Number) ?? SIZES;
    const whole = (n: number): boolean => Number.isInteger(n) && n > 0;
    if (!sizes.every(whole)) throw new Error('--sizes wants whole numbers above 0, with commas');
    if (!whole(Number(values.rounds))) throw new Error('--rounds wants a whole number above 0');
    if (!(SHAPES as readonly string[]).includes(values.shape))
      throw new Error(`--shape is one of ${SHAPES.join(', ')}`);
    return { ...values, sizes, rounds: Number(values.rounds) };
  } catch (error) {
    process.stderr.write(`bench:viewer: ${(error as Error).message}\n\n`);
    process.exitCode = 2;
    return HELP;
  }
}

function storeRun(path: string, spans: number, shape: string): void {
  const flags = ['--import', 'tsx', `--max-old-space-size=${HEAP_MB}`];
  const { status, stderr } = spawnSync(
    process.execPath,
    [...flags, join(import.meta.dirname, 'store-run.ts'), path, String(spans), shape],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`A run of ${spans} spans could not be stored: ${stderr.trim()}`);
}

async function launch(): Promise<Browser> {
  const executablePath = await findChromium();
  if (!executablePath) throw noChromiumError();
  // A root user, as in most containers, has no sandbox.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

async function round(address: string, spans: number): Promise<Row> {
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    // What a compiler adds to functions that have names.
    await page.addInitScript('globalThis.__name = (f) => f');
    await page.addInitScript(watchTasks);
    let columnsMb = 0;
    page.on('response', (response) => {
      if (response.url().endsWith('/columns')) columnsMb = Number(response.headers()['content-length']) / 1e6;
    });
    await page.goto(address);
    const firstBarsMs = await firstBars(page);
    await page.waitForTimeout(SETTLE_MS);
    const frames = await gestures(page);
    const longestTaskMs = await page.evaluate(() => Math.max(0, ...globalThis.taskTimesMs));
    const openAllMs = await page.evaluate(press, 'e');
    const jumpMs = Math.max(...(await page.evaluate(jumps, JUMPS)));
    const searchMs = Math.max(...(await page.evaluate(searches, WORDS)));
    const lanes = await lanesFigures(page);
    return {
      spans,
      firstBarsMs,
      longestTaskMs,
      ...frames,
      openAllMs,
      ...lanes,
      jumpMs,
      searchMs,
      heapMb: await heapMb(page),
      columnsMb,
    };
  } finally {
    await browser.close();
  }
}

/** Until fonts and the panel are there. */
const SETTLE_MS = 1_000;

type FrameFigures = Pick<
  Row,
  | 'panP50'
  | 'panP95'
  | 'panWork'
  | 'zoomP50'
  | 'zoomP95'
  | 'zoomWork'
  | 'scrollP50'
  | 'scrollP95'
  | 'scrollWork'
>;

async function gestures(page: Page): Promise<FrameFigures> {
  const figures: Record<string, number> = {};
  // Zoomed in a little, or there would be nothing to pan.
  await perform(page, 'zoom', 300);
  for (const gesture of GESTURES) {
    const { intervals, work } = await perform(page, gesture, GESTURE_MS);
    figures[`${gesture}P50`] = quantile(intervals, 0.5);
    figures[`${gesture}P95`] = quantile(intervals, 0.95);
    figures[`${gesture}Work`] = quantile(work, 0.95);
  }
  return figures as unknown as FrameFigures;
}

type LanesFigures = Pick<Row, Extract<keyof Row, `lanes${string}`>>;

/** All of them open, at the whole run and further in. */
async function lanesFigures(page: Page): Promise<LanesFigures> {
  await page.evaluate(press, 'f');
  const lanesMs = await page.evaluate(press, 'g');
  await page.evaluate(press, 'e');
  const zoom = await perform(page, 'zoom', GESTURE_MS);
  await page.evaluate(press, 'f');
  const scroll = await perform(page, 'scroll', GESTURE_MS);
  return {
    lanesMs,
    lanesZoomP50: quantile(zoom.intervals, 0.5),
    lanesZoomP95: quantile(zoom.intervals, 0.95),
    lanesZoomWork: quantile(zoom.work, 0.95),
    lanesScrollP50: quantile(scroll.intervals, 0.5),
    lanesScrollP95: quantile(scroll.intervals, 0.95),
    lanesScrollWork: quantile(scroll.work, 0.95),
  };
}

const perform = (page: Page, gesture: Gesture, lastsMs: number): Promise<Frames> =>
  page.evaluate<Frames, { gesture: Gesture; lastsMs: number }>(framesWhile, { gesture, lastsMs });

async function heapMb(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const medianRow = (rows: readonly Row[]): Row =>
  Object.fromEntries(
    Object.keys(rows[0]!).map((key) => [
      key,
      quantile(
        rows.map((row) => row[key as keyof Row]),
        0.5,
      ),
    ]),
  ) as unknown as Row;

const WIDTHS = [10, 12, 10, 21, 21, 21, 11, 9, 21, 21, 9, 10, 9, 11];
const line = (cells: readonly string[]): string =>
  `${cells.map((cell, i) => cell.padStart(WIDTHS[i] ?? 10)).join('')}\n`;
const TITLES = [
  'spans',
  'first bars',
  'longest',
  'pan ms',
  'zoom ms',
  'scroll ms',
  'open all',
  'lanes',
  'zoom ms',
  'scroll ms',
  'jump',
  'search',
  'heap MB',
  'columns MB',
];

const framesText = (row: Row, gesture: Gesture | 'lanesZoom' | 'lanesScroll'): string =>
  `${row[`${gesture}P50`].toFixed(1)} / ${row[`${gesture}P95`].toFixed(1)} (${row[`${gesture}Work`].toFixed(1)})`;

const rowText = (row: Row): string =>
  line([
    String(row.spans),
    `${row.firstBarsMs.toFixed(0)} ms`,
    `${row.longestTaskMs.toFixed(0)} ms`,
    ...GESTURES.map((gesture) => framesText(row, gesture)),
    `${row.openAllMs.toFixed(0)} ms`,
    `${row.lanesMs.toFixed(0)} ms`,
    framesText(row, 'lanesZoom'),
    framesText(row, 'lanesScroll'),
    `${row.jumpMs.toFixed(0)} ms`,
    `${row.searchMs.toFixed(0)} ms`,
    row.heapMb.toFixed(0),
    row.columnsMb.toFixed(1),
  ]);

function complaintsOf(row: Row): string[] {
  const budget = Object.entries(BUDGETS[row.spans] ?? {}) as [keyof Row, number][];
  return budget
    .filter(([figure, most]) => row[figure] > most + (figure.endsWith('P95') ? JITTER_MS : 0))
    .map(
      ([figure, most]) => `${row.spans} spans: ${figure} is ${row[figure].toFixed(1)}, the budget ${most}.`,
    );
}

async function bench({ sizes, rounds, shape, json, check }: Options): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-bench-'));
  const path = join(folder, 'headwater.db');
  const rows: Row[] = [];
  const exported: Exported[] = [];
  try {
    for (const spans of sizes) storeRun(path, spans, shape);
    const store = openStore(path);
    const source = reopening(store);
    const viewerDir = join(import.meta.dirname, '../../dist/viewer');
    const server = await startServer({ port: 0, store: source, viewerDir });
    if (!json) process.stdout.write(line(TITLES));
    for (const spans of sizes) {
      const measured: Row[] = [];
      for (let i = 0; i < rounds; i++)
        measured.push(await round(`${server.url}/run/${traceIdOf(spans)}`, spans));
      rows.push(medianRow(measured));
      if (!json) process.stdout.write(rowText(rows.at(-1)!));
    }
    await server.stop();
    for (const spans of sizes.filter((size) => size <= EXPORTED_UP_TO_SPANS)) {
      const view = source.run(traceIdOf(spans));
      if (!view) throw new Error(`The run of ${spans} spans is not in the store.`);
      exported.push(await measureExport(view, spans, { folder, viewerDir, rounds }, launch));
      if (!json) process.stdout.write(exportText(exported.at(-1)!));
    }
    store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const complaints = [...rows.flatMap(complaintsOf), ...exported.flatMap(exportComplaints)];
  if (json) process.stdout.write(`${JSON.stringify({ rows, exported, complaints }, undefined, 2)}\n`);
  else for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  if (check && complaints.length > 0) process.exitCode = 1;
}

const options = optionsOf(process.argv.slice(2));
if (typeof options === 'string') process.stdout.write(`${options}\n`);
else await bench(options);
