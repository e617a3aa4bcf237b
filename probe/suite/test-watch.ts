/** Watches one try of one test: its pages as they open, its steps as they are told. */
import type { BrowserContext, Page, TestInfo } from '@playwright/test';
import { NOT_ASKED, type Warning } from '../../src/model/span.ts';
import { type UnixNano, unixMsFromNano } from '../../src/model/time.ts';
import type { SeenByBrowser } from '../browser-observer.ts';
import { attachChildren } from '../cdp/cdp-session.ts';
import type { FramePart } from '../cdp/long-frames.ts';
import { originOf } from '../cdp/trace-header.ts';
import { errorSentence } from '../playwright-calls.ts';
import { newSpanId, newTraceId } from '../spans/span-draft.ts';
import { TargetWatch } from '../target-watch.ts';
import type { UnixClock } from '../unix-clock.ts';
import type { NamedAnswers } from './named-answers.ts';
import type { SharedSession } from './shared-session.ts';
import type { TestRecord } from './test-record.ts';
import { TestSteps } from './test-steps.ts';
import type { WatchedBrowser } from './watched-browser.ts';

export interface TestScope {
  /** More origins that may receive `traceparent`, besides the base URL's. */
  readonly traceOrigins: readonly string[];
  /** Not its requests alone. */
  readonly isWhole: boolean;
  /** Whether its requests carry `traceparent`, where that was said. */
  readonly traceparent?: boolean;
}
export interface TestWatchOptions extends TestScope {
  /** What the worker's tests have learned of their servers so far, and this one will. */
  readonly answers: NamedAnswers;
  /** Somebody listens for what servers report. */
  readonly isHeard: boolean;
  readonly testInfo: TestInfo;
  readonly clock: UnixClock;
}

export class TestWatch {
  readonly traceId = newTraceId();
  readonly steps: TestSteps;
  private readonly runSpanId = newSpanId();
  private readonly startUnixNano: UnixNano;
  private readonly options: TestWatchOptions;
  private readonly sessions: SharedSession[] = [];
  private readonly browsers = new Set<WatchedBrowser>();
  private readonly tracePaths: string[] = [];
  private readonly warnings: Warning[] = [];
  private readonly frameParts: FramePart[] = [];
  private readonly asksServers: boolean;
  private site: ReadonlySet<string> = new Set();
  private targets: TargetWatch | undefined;

  constructor(options: TestWatchOptions) {
    const { isHeard, answers } = options;
    this.options = options;
    this.asksServers = options.traceparent ?? (this.isWhole || (isHeard && !answers.suffice));
    this.startUnixNano = options.clock.now();
    this.steps = new TestSteps(this.runSpanId, options.clock);
    if (!this.isWhole) this.warn(REQUESTS_ALONE);
    if (!this.asksServers)
      this.warn(notAsked(options.traceparent === false ? SWITCHED_OFF : isHeard ? NAMED : NOT_HEARD));
  }

  get isWhole(): boolean {
    return this.options.isWhole;
  }

  warn(warning: Warning): void {
    if (!this.warnings.some(({ code }) => code === warning.code)) this.warnings.push(warning);
  }

  get lacksNetLog(): boolean {
    return this.isWhole && [...this.browsers].some(({ netLogPath }) => netLogPath === undefined);
  }

  uses(browser: WatchedBrowser): void {
    if (this.browsers.has(browser)) return;
    this.browsers.add(browser);
    if (this.isWhole) this.tracePaths.push(browser.trace());
  }

  /** Resolves when nothing that the page does from now on goes unseen. */
  async watchPage(session: SharedSession, page: Page): Promise<void> {
    this.targets ??= this.newTargets(page.context());
    this.sessions.push(session);
    const { watch, page: recorder } = this.targets;
    page.on('download', (download) => recorder.downloaded(download.suggestedFilename()));
    await Promise.all([
      watch(session, { type: 'page', id: '' }),
      attachChildren(session, watch),
      this.isWhole ? undefined : this.watchFrames(session),
    ]);
  }

  private async watchFrames({ longFrames }: SharedSession): Promise<void> {
    longFrames.told = (parts) => {
      if (this.frameParts.length < MAX_FRAME_PARTS) this.frameParts.push(...parts);
    };
    await longFrames.start();
  }

  /** Before its pages are gone: resolves when they have told of what they did last. */
  async lastFrames(): Promise<void> {
    if (!this.isWhole) await Promise.all(this.sessions.map(({ longFrames }) => longFrames.last()));
  }

  private newTargets(context: BrowserContext): TargetWatch {
    const { testInfo, traceOrigins, clock } = this.options;
    const origins = [testInfo.project.use.baseURL ?? baseUrlOf(context), ...traceOrigins].map((url) =>
      originOf(url ?? ''),
    );
    this.site = new Set(origins.filter(Boolean));
    const allowOrigins = this.asksServers ? this.site : new Set<string>();
    const firstDocumentNamesSite = this.asksServers;
    return new TargetWatch({ traceId: this.traceId, allowOrigins, firstDocumentNamesSite, clock });
  }

  /** All that is known but the browser's trace and NetLog; undefined for a test that was skipped. */
  end(): TestRecord | undefined {
    const { testInfo, clock } = this.options;
    const toMs = unixMsFromNano(clock.now());
    const error = errorOf(testInfo);
    const { start, end } = this.steps.finish(this.startUnixNano, error);
    const test = tryOf(testInfo);
    for (const session of this.sessions) {
      if (this.asksServers) session.send('Fetch.disable').catch(() => undefined);
      session.forgetListeners();
    }
    this.options.answers.learn(this.targets?.network.requests ?? [], this.site);
    if (testInfo.status === 'skipped') return undefined;
    const run = {
      spanId: this.runSpanId,
      journey: test.title,
      startUnixNano: start,
      endUnixNano: end,
      error,
    };
    return {
      traceId: this.traceId,
      run: { ...run, attributes: attributesOf(testInfo) },
      recorder: { steps: this.steps.steps, actions: this.steps.actions },
      seen: this.seen(),
      test,
      netLogPaths: this.isWhole ? [...this.browsers].flatMap(({ netLogPath }) => netLogPath ?? []) : [],
      tracePaths: this.tracePaths,
      windowMs: [unixMsFromNano(this.startUnixNano), toMs],
    };
  }

  private seen(): SeenByBrowser {
    const { targets, warnings } = this;
    targets?.network.addWireFacts();
    return {
      network: { requests: targets?.network.requests ?? [] },
      headers: { injected: targets?.headers.injected ?? [], methodByNetworkId: new Map() },
      page: { news: targets?.page.news ?? [], dropped: targets?.page.dropped ?? [] },
      traceEvents: [],
      frameParts: this.frameParts,
      pictures: [],
      pageFrameIds: targets?.pageFrameIds ?? new Set(),
      warnings: [...warnings, ...(targets?.headers.warnings() ?? [])],
    };
  }
}

/** A page that never comes to rest may tell for ever. */
const MAX_FRAME_PARTS = 2_000;

const REQUESTS_ALONE: Warning = {
  code: 'probe.requests_alone',
  where: 'browser',
  message:
    "This try was watched at its requests alone (depth: 'requests'): of the page's main thread only what kept it from drawing for more than 50 ms is known, and of what went on below a request, in sockets and look-ups, nothing. A retry is watched whole.",
};

const notAsked = (why: string): Warning => ({
  code: NOT_ASKED,
  where: 'servers',
  message: `No server was told of this try's trace, and its requests went without traceparent: ${why}`,
});
const NOT_HEARD =
  'nothing on this machine listened for what servers report. Start `headwater serve` before the suite, or, where they report to somebody else, set `use: { headwater: { traceparent: true } }`.';
const NAMED =
  'they name the trace of each answer by themselves, as those of the tests before did, and are joined by that once their reports are here.';
const SWITCHED_OFF = 'the suite’s configuration says so (`traceparent: false`).';

/** `test.use({ baseURL })` reaches the context, not the project. */
const baseUrlOf = (context: BrowserContext): string | undefined =>
  (context as { _options?: { baseURL?: string } })._options?.baseURL;

function errorOf(testInfo: TestInfo): string | undefined {
  if (testInfo.status === testInfo.expectedStatus) return undefined;
  const [first] = testInfo.errors;
  return errorSentence(first?.message ?? `The test ${testInfo.status ?? 'failed'}.`);
}

const tryOf = (testInfo: TestInfo): TestRecord['test'] => ({
  title: titleOf(testInfo),
  testId: testInfo.testId,
  retry: testInfo.retry,
  status: testInfo.status ?? 'interrupted',
  isExpected: testInfo.status === testInfo.expectedStatus,
});

function titleOf({ titlePath, project }: TestInfo): string {
  const title = titlePath.join(' › ');
  return project.name ? `${title} [${project.name}]` : title;
}

/** Names of OpenTelemetry's where it has one: https://opentelemetry.io/docs/specs/semconv/registry/attributes/test/ */
const attributesOf = (testInfo: TestInfo) => ({
  'test.suite.name': testInfo.titlePath.slice(0, -1).join(' › '),
  'test.case.name': testInfo.title,
  'test.case.result.status': testInfo.status === testInfo.expectedStatus ? 'pass' : 'fail',
  'headwater.test.status': testInfo.status ?? 'interrupted',
  'headwater.test.retry': testInfo.retry,
  'headwater.test.repeat': testInfo.repeatEachIndex,
  'headwater.test.worker': testInfo.parallelIndex,
  ...(testInfo.project.name && { 'headwater.test.project': testInfo.project.name }),
});
