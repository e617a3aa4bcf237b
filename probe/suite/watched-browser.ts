/**
 * One browser of a worker, which many tests use one after the other.
 *
 * ```
 * // browser  |--------------------------------------------|   one NetLog, whole when the browser has ended
 * // tests      |----1----|  |----2----|   …   |----60----|      each with contexts and watches of its own
 * // traces     |=============================|--|==========|--|   of many tests together, each then handed over
 * ```
 * Starting a trace and handing it over takes time whatever is in it, so a trace goes on over tests, and is cut
 * afterwards. For twenty tests of the demo's shop (30 000 events) it is handed over in 110 ms; as JSON in 500.
 */
import { writeFileSync } from 'node:fs';
import type { Browser } from 'playwright';
import { startTrace } from '../cdp/browser-trace.ts';
import { sessionOf } from '../cdp/cdp-session.ts';
import { quietly } from './shared-session.ts';

/** Some 15 MB of real pages: more would be lost with a browser that crashes, and held at once by what makes the runs. */
const TESTS_A_TRACE = 50;
/** A browser that has crashed hands nothing over. */
const HAND_OVER_LIMIT_MS = 15_000;

/** Ends a trace, and writes what it saw to its file. */
type StopTrace = () => Promise<void>;

export class WatchedBrowser {
  netLogPath: string | undefined;
  private readonly browser: Browser;
  private readonly gone: Promise<void>;
  private readonly newTracePath: () => string;
  private current: { readonly path: string; readonly stop: Promise<StopTrace>; tests: number } | undefined;
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
    if (this.current && this.current.tests >= TESTS_A_TRACE) this.handOver();
    this.current ??= this.newTrace();
    this.current.tests++;
    return this.current.path;
  }

  private newTrace() {
    const path = this.newTracePath();
    const stop = this.handingOver.then(() => startTraceInto(path, this.browser));
    stop.catch(() => undefined);
    return { path, stop, tests: 0 };
  }

  private handOver(): void {
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    const handed = current.stop.then((stop) => stop()).catch(() => undefined);
    this.handingOver = inTime(Promise.race([handed, this.gone]));
  }

  /** Ends the trace; resolves when it is in its file, or never will be. */
  async endTrace(): Promise<void> {
    this.handOver();
    await this.handingOver;
  }
}

async function startTraceInto(path: string, browser: Browser): Promise<StopTrace> {
  const session = await quietly(browser, () => browser.newBrowserCDPSession());
  const { on, send } = sessionOf(session);
  const end = await startTrace({
    on,
    send: (method, params) => quietly(session, () => send(method, params)),
  });
  return async () => {
    writeFileSync(path, await end());
    await quietly(session, () => session.detach());
  };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HAND_OVER_LIMIT_MS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
