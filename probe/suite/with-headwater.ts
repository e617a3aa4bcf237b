/**
 * Adds Headwater to a `test` of Playwright's: one automatic fixture a worker, one a test, and an option. Nothing that
 * exists is overridden, so projects, fixtures and options go on as they are.
 */
import type {
  Fixtures,
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
  TestType,
} from '@playwright/test';
import { type Depth, depthOf } from './depth.ts';
import { finishAlone } from './finish-alone.ts';
import { portsOfListeners, somebodyListens } from './listeners.ts';
import { SuiteWatch } from './suite-watch.ts';
import { makeSuiteFolder } from './test-record.ts';
import { SUITE_FOLDER_VARIABLE, SUITE_OPTIONS_VARIABLE } from './variables.ts';

export interface HeadwaterOptions {
  /** More origins that may receive `traceparent`, besides the base URL's (else the first document's). */
  readonly traceOrigins?: readonly string[];
  /** How much is watched of a test's first try: its `requests` unless given. A retry is always watched whole. */
  readonly depth?: Depth;
  /**
   * Whether requests carry `traceparent`. Unless given, those of a test that is watched whole do, and others where
   * something on this machine listens for what servers report.
   */
  readonly traceparent?: boolean;
}
/** What `headwater run` or the reporter was told: its own word goes first, its usual one last. */
export interface GivenOptions extends HeadwaterOptions {
  readonly usualDepth?: Depth;
  /** Where a `headwater serve` may be up. */
  readonly port?: number;
}
export interface HeadwaterTestOptions {
  /** `use: { headwater: { … } }` in the configuration, or `test.use`. */
  headwater: HeadwaterOptions;
}
interface OwnTestArgs extends HeadwaterTestOptions {
  headwaterTest: undefined;
}
interface OwnWorkerArgs {
  headwaterSuite: SuiteWatch;
}
type BaseTestArgs = PlaywrightTestArgs & PlaywrightTestOptions;
type BaseWorkerArgs = PlaywrightWorkerArgs & PlaywrightWorkerOptions;
export type BaseTest = TestType<BaseTestArgs, BaseWorkerArgs>;
export type HeadwaterTest = TestType<BaseTestArgs & HeadwaterTestOptions, BaseWorkerArgs>;

/** Two copies of Headwater may meet in one process: `headwater run` of one, an import of another. */
const EXTENDED = Symbol.for('headwater.test');
/** Of their own, so that they take nothing from the test's. */
const TIMEOUT_MS = 30_000;

const fixtures: Fixtures<OwnTestArgs, OwnWorkerArgs, BaseTestArgs, BaseWorkerArgs> = {
  headwater: [{}, { option: true, box: true }],
  headwaterSuite: [
    async ({ playwright, launchOptions }, use) => {
      const given = process.env[SUITE_FOLDER_VARIABLE];
      const folder = given ?? makeSuiteFolder();
      const isHeard = await somebodyListens(portsOfListeners(givenOptions().port));
      const suite = new SuiteWatch(folder, isHeard);
      const stop = suite.start(playwright, launchOptions);
      await use(suite);
      await stop();
      if (!given) finishAlone(folder);
    },
    { scope: 'worker', auto: true, box: true, timeout: TIMEOUT_MS },
  ],
  headwaterTest: [
    async ({ headwater, headwaterSuite }, use, testInfo) => {
      const given = givenOptions();
      const depth = given.depth ?? headwater.depth ?? given.usualDepth ?? 'requests';
      const watch = await headwaterSuite.begin(testInfo, {
        traceOrigins: [...(headwater.traceOrigins ?? []), ...(given.traceOrigins ?? [])],
        isWhole: testInfo.retry > 0 || depthOf(depth) === 'whole',
        traceparent: headwater.traceparent ?? given.traceparent,
      });
      await use(undefined);
      testInfo.annotations.push({ type: 'headwater', description: `headwater show ${watch.traceId}` });
      headwaterSuite.end(watch);
    },
    { auto: true, box: true, timeout: TIMEOUT_MS },
  ],
};

const givenOptions = (): GivenOptions =>
  JSON.parse(process.env[SUITE_OPTIONS_VARIABLE] ?? '{}') as GivenOptions;

export function withHeadwater(base: BaseTest): HeadwaterTest {
  if (EXTENDED in base) return base as unknown as HeadwaterTest;
  const extended = base.extend<OwnTestArgs, OwnWorkerArgs>(fixtures);
  Object.defineProperty(extended, EXTENDED, { value: true });
  return extended as unknown as HeadwaterTest;
}
