/** Faults of the page and of what it loads from others. */
import type { Fault } from './fault.ts';
import { pageForcedLayout } from './page-forced-layout.ts';
import { pageLongTask } from './page-long-task.ts';
import { pageManyRequests } from './page-many-requests.ts';
import { pageOneByOne } from './page-one-by-one.ts';
import { pagePreflight } from './page-preflight.ts';
import { pageRedirects } from './page-redirects.ts';
import { pageRenderBlocking } from './page-render-blocking.ts';
import { pageThirdParty } from './page-third-party.ts';
import { pageTimer } from './page-timer.ts';

export const pageFaults: readonly Fault[] = [
  pageForcedLayout,
  pageLongTask,
  pageManyRequests,
  pageOneByOne,
  pagePreflight,
  pageRedirects,
  pageRenderBlocking,
  pageThirdParty,
  pageTimer,
];
