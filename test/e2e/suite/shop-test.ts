/** Fixtures of the suite: a page that has the shop open, and a name for each worker. */
import { test as base, type Page } from '@playwright/test';

export { expect } from '@playwright/test';

export const test = base.extend<{ shop: Page }, { workerName: string }>({
  workerName: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to learn what a fixture needs.
    async ({}, use, { workerIndex }) => use(`worker${workerIndex}`),
    { scope: 'worker' },
  ],
  shop: async ({ page }, use) => {
    await page.goto('/');
    await use(page);
  },
});
