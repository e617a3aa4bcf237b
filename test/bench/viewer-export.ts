/** A run as one HTML file: how large it is, packed and not, and how soon a fresh browser draws it from the disk. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright';
import { htmlFile } from '../../src/export/html.ts';
import type { RunView } from '../../src/model/report.ts';
import { answersAbout } from '../../src/serve/packed-answers.ts';
import { firstBars } from './first-bars.ts';

export interface Exported {
  readonly spans: number;
  readonly fileMb: number;
  readonly gzipMb: number;
  /** The median of all rounds. */
  readonly firstBarsMs: number;
}

/** A file is sent to somebody: of a larger run nobody sends one. */
export const EXPORTED_UP_TO_SPANS = 100_000;
export const EXPORT_BUDGET = { spans: EXPORTED_UP_TO_SPANS, gzipMb: 5, firstBarsMs: 1_500 } as const;

/** @param launch a fresh browser for each round */
export async function measureExport(
  view: RunView,
  spans: number,
  { folder, viewerDir, rounds }: { folder: string; viewerDir: string; rounds: number },
  launch: () => Promise<Browser>,
): Promise<Exported> {
  const file = join(folder, `run-${spans}.html`);
  const start = `/run/${view.report.traceId}`;
  const html = htmlFile(viewerDir, { start, answers: await answersAbout(view), pictures: [] });
  writeFileSync(file, html);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) times.push(await openedIn(await launch(), pathToFileURL(file).href));
  return {
    spans,
    fileMb: statSync(file).size / 1e6,
    gzipMb: gzipSync(html).length / 1e6,
    firstBarsMs: times.sort((a, b) => a - b)[times.length >> 1]!,
  };
}

async function openedIn(browser: Browser, url: string): Promise<number> {
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(url);
    return await firstBars(page);
  } finally {
    await browser.close();
  }
}

export const exportText = ({ spans, fileMb, gzipMb, firstBarsMs }: Exported): string =>
  `${spans} spans as one HTML file: ${fileMb.toFixed(2)} MB, ${gzipMb.toFixed(2)} MB gzipped, first bars ${firstBarsMs.toFixed(0)} ms.\n`;

export function exportComplaints({ spans, gzipMb, firstBarsMs }: Exported): string[] {
  if (spans !== EXPORT_BUDGET.spans) return [];
  const complaints: string[] = [];
  if (gzipMb > EXPORT_BUDGET.gzipMb)
    complaints.push(
      `${spans} spans exported: ${gzipMb.toFixed(2)} MB gzipped, the budget ${EXPORT_BUDGET.gzipMb}.`,
    );
  if (firstBarsMs > EXPORT_BUDGET.firstBarsMs)
    complaints.push(
      `${spans} spans exported: first bars after ${firstBarsMs.toFixed(0)} ms, the budget ${EXPORT_BUDGET.firstBarsMs}.`,
    );
  return complaints;
}
