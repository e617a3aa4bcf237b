/**
 * Watches all that a worker of Playwright Test does: its browsers from their launch, its contexts and pages as they
 * open, its tests one after the other. Playwright launches as the project says; only flags for the NetLog are added.
 */
import type {
  Browser,
  BrowserContext,
  BrowserType,
  LaunchOptions,
  Page,
  PlaywrightWorkerArgs,
  TestInfo,
} from '@playwright/test';
import type { Warning } from '../../src/model/span.ts';
import { startUnixClock } from '../unix-clock.ts';
import { NamedAnswers } from './named-answers.ts';
import { listenToCallsOf, listenToSteps } from './playwright-internals.ts';
import { SharedSession } from './shared-session.ts';
import { keepTestRecord, netLogPathIn, tracePathIn } from './test-record.ts';
import { type TestScope, TestWatch } from './test-watch.ts';
import { WatchedBrowser } from './watched-browser.ts';

type Playwright = PlaywrightWorkerArgs['playwright'];
type Launch = BrowserType['launch'];
type LaunchPersistent = BrowserType['launchPersistentContext'];

export class SuiteWatch {
  private readonly folder: string;
  private readonly isHeard: boolean;
  private readonly clock = startUnixClock();
  private readonly answers = new NamedAnswers();
  private readonly watchedByBrowser = new Map<Browser | null, WatchedBrowser>();
  private readonly sessionByPage = new Map<Page, Promise<SharedSession | undefined>>();
  private readonly ready = new WeakMap<Page, Promise<void>>();
  private current: TestWatch | undefined;
  private isListening = false;
  private launches = 0;
  private traces = 0;

  /** @param isHeard whether somebody listens for what servers report */
  constructor(folder: string, isHeard: boolean) {
    this.folder = folder;
    this.isHeard = isHeard;
  }

  /** @returns how to stop; what was seen is in the folder then */
  start(playwright: Playwright, usual: LaunchOptions): () => Promise<void> {
    const { chromium } = playwright;
    const { launch, launchPersistentContext } = chromium;
    chromium.launch = this.launching(launch.bind(chromium), usual);
    chromium.launchPersistentContext = this.launchingPersistent(
      launchPersistentContext.bind(chromium),
      usual,
    );
    const stopListening = listenToCallsOf(playwright, {
      called: (call, channel) => this.current?.steps.called(call, channel),
      opened: (context) => this.opened(context),
    });
    this.isListening = stopListening !== undefined;
    return async () => {
      stopListening?.();
      Object.assign(chromium, { launch, launchPersistentContext });
      await Promise.all([...this.watchedByBrowser.values()].map((watched) => watched.endTrace()));
    };
  }

  private launching(launch: Launch, usual: LaunchOptions): Launch {
    return async (options = {}) => {
      const { netLogPath, args } = this.flagsFor(options, usual);
      const browser = await launch({ ...chosenBrowser(options, usual), args });
      this.keepOpenUntilTold(browser, this.newWatched(browser, netLogPath));
      return browser;
    };
  }

  private launchingPersistent(launch: LaunchPersistent, usual: LaunchOptions): LaunchPersistent {
    return async (folder, options = {}) => {
      const { netLogPath, args } = this.flagsFor(options, usual);
      const context = await launch(folder, { ...chosenBrowser(options, usual), args });
      // It was opened, and told of, before its NetLog was known here.
      const watched = this.watchedOf(context.browser());
      if (watched) watched.netLogPath = netLogPath;
      return context;
    };
  }

  /** A suite that keeps a NetLog of its own keeps it where it wants. */
  private flagsFor(
    options: LaunchOptions,
    usual: LaunchOptions,
  ): { netLogPath: string | undefined; args: string[] } {
    const args = options.args ?? usual.args ?? [];
    const own = args.find((arg) => arg.startsWith(NETLOG_FLAG))?.slice(NETLOG_FLAG.length);
    if (own) return { netLogPath: own, args: [...args] };
    if (this.current?.isWhole === false) return { netLogPath: undefined, args: [...args] };
    const netLogPath = netLogPathIn(this.folder, ++this.launches);
    return { netLogPath, args: [...args, `${NETLOG_FLAG}${netLogPath}`, '--net-log-capture-mode=Default'] };
  }

  private newWatched(browser: Browser, netLogPath: string | undefined): WatchedBrowser {
    return new WatchedBrowser(browser, netLogPath, () => tracePathIn(this.folder, ++this.traces));
  }

  /** The trace is handed over when a worker closes its browser, not before. */
  private keepOpenUntilTold(browser: Browser, watched: WatchedBrowser): void {
    this.watchedByBrowser.set(browser, watched);
    const close = browser.close.bind(browser);
    browser.close = async (options) => {
      await watched.endTrace();
      await close(options);
    };
  }

  private watchedOf(browser: Browser | null): WatchedBrowser | undefined {
    const known = this.watchedByBrowser.get(browser);
    if (known || !browser) return known;
    const watched = this.newWatched(browser, undefined);
    this.watchedByBrowser.set(browser, watched);
    return watched;
  }

  private async opened(context: BrowserContext): Promise<void> {
    const browser = context.browser();
    const name = browser?.browserType().name() ?? 'chromium';
    if (name !== 'chromium') {
      this.current?.warn(noDevTools(name));
      return;
    }
    this.use(this.watchedOf(browser));
    context.on('page', (page) => this.openedPage(page));
    const newPage = context.newPage.bind(context);
    context.newPage = async () => {
      const page = await newPage();
      await this.ready.get(page);
      return page;
    };
    const close = context.close.bind(context);
    context.close = async (options) => {
      await this.current?.lastFrames();
      await close(options);
    };
    await Promise.all(context.pages().map((page) => this.openedPage(page)));
  }

  private use(watched: WatchedBrowser | undefined): void {
    if (!watched || !this.current) return;
    this.current.uses(watched);
  }

  private openedPage(page: Page): Promise<void> {
    const session = SharedSession.of(page.context(), page).catch(() => undefined);
    this.sessionByPage.set(page, session);
    page.once('close', () => this.sessionByPage.delete(page));
    const ready = this.watchPage(page, session);
    this.ready.set(page, ready);
    return ready;
  }

  private async watchPage(page: Page, session: Promise<SharedSession | undefined>): Promise<void> {
    const opened = await session;
    const watching = opened && this.current?.watchPage(opened, page).catch(() => undefined);
    // Answers of a page that is being set up take their time; a test need not wait for them.
    if (!opened?.isInOrder) await watching;
  }

  /** From here on everything that the worker's browsers do belongs to this test. */
  async begin(testInfo: TestInfo, scope: TestScope): Promise<TestWatch> {
    const { isHeard, answers, clock } = this;
    const watch = new TestWatch({ ...scope, isHeard, answers, testInfo, clock });
    this.current = watch;
    if (!listenToSteps(testInfo, watch.steps)) watch.warn(NO_STEPS);
    if (!this.isListening) watch.warn(NO_CALLS);
    // Pages that stay open over several tests.
    await Promise.all(
      [...this.sessionByPage].map(([page, session]) => {
        this.use(this.watchedOf(page.context().browser()));
        return this.watchPage(page, session);
      }),
    );
    return watch;
  }

  end(watch: TestWatch): void {
    if (watch.lacksNetLog) watch.warn(NO_NETLOG_WARNING);
    this.current = undefined;
    const record = watch.end();
    if (record) keepTestRecord(this.folder, record);
  }
}

const NETLOG_FLAG = '--log-net-log=';

/** `HEADWATER_CHROMIUM` is for suites that name no browser of their own. */
function chosenBrowser<T extends LaunchOptions>(options: T, usual: LaunchOptions): T {
  const executablePath = process.env.HEADWATER_CHROMIUM;
  const isNamed = [options, usual].some((one) => one.executablePath || one.channel);
  return executablePath && !isNamed ? { ...options, executablePath } : options;
}

const noDevTools = (name: string): Warning => ({
  code: 'probe.no_devtools',
  where: name,
  message: `${name} has no DevTools protocol and no NetLog: of this test only its own calls and steps are known. A Chromium project shows requests, connections and the page's work.`,
});
const NO_NETLOG_WARNING: Warning = {
  code: 'probe.no_netlog',
  where: 'browser',
  message:
    'The browser was not launched by the test’s own worker (connectOptions), or for a test that is watched at its requests alone: its NetLog is not known, and DNS, TCP and TLS only as far as DevTools tells of them.',
};
const NO_STEPS: Warning = {
  code: 'probe.no_steps',
  where: 'playwright',
  message: 'This version of Playwright Test does not tell of its steps: neither steps nor calls are known.',
};
const NO_CALLS: Warning = {
  code: 'probe.no_calls',
  where: 'playwright',
  message: 'This version of Playwright does not tell of its calls: browsers were not watched.',
};
