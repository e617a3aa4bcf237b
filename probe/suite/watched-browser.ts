/**
 * One browser of a worker, which many tests use one after the other.
 *
 * ```
 * // browser  |--------------------------------------------|   one NetLog, whole when the browser has ended
 * // tests      |----1----|  |----2----|   …   |----60----|      each with contexts and watches of its own
 * // traces     |=============================|--|==========|--|   of many tests together, each then handed over
 * ```
 * Starting a trace and handing it over takes time whatever is in it, so a trace goes on over tests, and is cut
 * afterwards. A test of a real page is 0.3 MB of it; one of an editor with fonts in its styles was seen to be 2 MB.
 */
import { rename, writeFile } from 'node:fs/promises';
import type { Browser } from 'playwright';
import { type BrowserTrace, startTrace } from '../cdp/browser-trace.ts';
import { sessionOf } from '../cdp/cdp-session.ts';
import { quietly } from './shared-session.ts';
import { unfinished } from './test-record.ts';

/** More would be lost with a browser that crashes, and held at once by what makes the runs. */
const TESTS_A_TRACE = 50;
/** The next test may write as much as many before it. */
const FULL_ENOUGH = 0.25;
/** A browser that has crashed hands nothing over. */
const HAND_OVER_LIMIT_MS = 15_000;

interface SharedTrace {
  readonly path: string;
  readonly started: Promise<OwnTrace>;
  /** When it is on. */
  running?: OwnTrace;
  tests: number;
}
/** With a session of its own. */
interface OwnTrace extends BrowserTrace {
  detach(): Promise<void>;
}

export class WatchedBrowser {
  netLogPath: string | undefined;
  private readonly browser: Browser;
  private readonly gone: Promise<void>;
  private readonly newTracePath: () => string;
  private current: SharedTrace | undefined;
  private handingOver: Promise<void> = Promise.resolve();

  /** @param newTracePath names a file for each trace */
  constructor(browser: Browser, netLogPath: string | undefined, newTracePath: () => string) {
    this.browser = browser;
    this.netLogPath = netLogPath;
    this.newTracePath = newTracePath;
    this.gone = new Promise((resolve) => browser.once('disconnected', () => resolve()));
  }

  /** Watches the main threads of one more test's pages; returns where the trace will be. */
  trace(): string {
    if (this.current && isEnough(this.current)) this.handOver();
    this.current ??= this.newTrace();
    this.current.tests++;
    return this.current.path;
  }

  private newTrace(): SharedTrace {
    const started = this.handingOver.then(() => startOwnTrace(this.browser));
    const trace: SharedTrace = { path: this.newTracePath(), started, tests: 0 };
    started.then(
      (running) => {
        trace.running = running;
      },
      () => undefined,
    );
    return trace;
  }

  private handOver(): void {
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    const handed = intoFile(current).catch(() => undefined);
    this.handingOver = inTime(Promise.race([handed, this.gone]));
  }

  /** Ends the trace; resolves when it is in its file, or never will be. */
  async endTrace(): Promise<void> {
    this.handOver();
    await this.handingOver;
  }
}

const isEnough = ({ tests, running }: SharedTrace): boolean =>
  tests >= TESTS_A_TRACE || (running?.fullness ?? 0) >= FULL_ENOUGH;

async function startOwnTrace(browser: Browser): Promise<OwnTrace> {
  const session = await quietly(browser, () => browser.newBrowserCDPSession());
  const { on, send } = sessionOf(session);
  const trace = await startTrace({
    on,
    send: (method, params) => quietly(session, () => send(method, params)),
  });
  return Object.assign(trace, { detach: () => quietly(session, () => session.detach()) });
}

async function intoFile({ path, started }: SharedTrace): Promise<void> {
  const trace = await started;
  await writeFile(unfinished(path), await trace.end());
  await rename(unfinished(path), path);
  await trace.detach();
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HAND_OVER_LIMIT_MS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
