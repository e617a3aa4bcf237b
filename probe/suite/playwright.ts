/**
 * `headwater/playwright`: Playwright Test, with Headwater in it.
 *
 * ```ts
 * import { test, expect } from 'headwater/playwright'; // was '@playwright/test'
 * ```
 */
import { test as base } from '@playwright/test';
import { withHeadwater } from './with-headwater.ts';

export * from '@playwright/test';
export type { HeadwaterOptions, HeadwaterTestOptions } from './with-headwater.ts';
export const test = withHeadwater(base);
export default test;
