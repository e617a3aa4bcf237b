/**
 * Loaded before Playwright's command and each of its workers (`node --import`), so that an unmodified spec that takes
 * `test` from `@playwright/test` gets Headwater with it. The suite's own copy of Playwright is the one that is extended.
 */
import { createRequire } from 'node:module';
import { PLAYWRIGHT_TEST_VARIABLE } from './variables.ts';
import { type BaseTest, withHeadwater } from './with-headwater.ts';

const path = process.env[PLAYWRIGHT_TEST_VARIABLE];
if (path) {
  // A function with the exports as its properties: `import` and `require` of any specifier read them from here.
  const playwright = createRequire(import.meta.url)(path) as { test: BaseTest; default?: unknown };
  playwright.test = withHeadwater(playwright.test) as unknown as BaseTest;
}
