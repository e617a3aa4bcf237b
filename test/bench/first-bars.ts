/** The mark that the viewer sets when the first bars of a run are on the screen. */
import type { Page } from 'playwright';

const WITHIN_MS = 60_000;

/** @returns ms after navigation */
export async function firstBars(page: Page): Promise<number> {
  const at = () => performance.getEntriesByName('headwater:first-bars')[0]?.startTime;
  const mark = await page.waitForFunction(at, undefined, { timeout: WITHIN_MS });
  return (await mark.jsonValue()) as number;
}
