/**
 * One browser of a worker, which many tests use one after the other.
 *
 * ```
 * // browser  |--------------------------------------------|   one NetLog, whole when the browser has ended
 * // tests      |----1----|  |----2----|   …   |----60----|      each with contexts and watches of its own
 * // traces     |=============================|--|==========|--|   of many tests together, each then handed over
 * ```
 * Starting a trace and above all handing it over costs the browser some 150 ms of a processor's time, whatever is in it.
 * Once a test, that was most of what watching took; so a trace goes on over tests, and is cut afterwards.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Browser } from 'playwright';
import { type Fields, textOf } from '../../src/import/netlog/events.ts';
import { type CdpSession, sessionOf } from '../cdp/cdp-session.ts';
import { TRACE_CATEGORIES } from '../cdp/main-thread.ts';
import { quietly } from './shared-session.ts';

/** A trace of more would outgrow its buffer in the browser (200 MB), and take seconds to hand over. */
const TESTS_A_TRACE = 50;
/** A browser that has crashed hands nothing over. */
const HAND_OVER_LIMIT_MS = 15_000;
/** As much as one message carries without holding up others for long. */
const READ_BYTES = 1 << 20;

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
  const tell: CdpSession = { on, send: (method, params) => quietly(session, () => send(method, params)) };
  const complete = new Promise<Fields>((resolve) => on('Tracing.tracingComplete', resolve));
  await tell.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    traceConfig: { includedCategories: TRACE_CATEGORIES, excludedCategories: ['*'] },
  });
  return async () => {
    await tell.send('Tracing.end');
    await writeStream(path, (await complete).stream, tell);
    await quietly(session, () => session.detach());
  };
}

/** As the browser writes it: one JSON object, read by whoever makes the runs. */
async function writeStream(path: string, handle: unknown, session: CdpSession): Promise<void> {
  const file = openSync(path, 'w');
  try {
    for (;;) {
      const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size: READ_BYTES });
      writeSync(file, Buffer.from(textOf(data) ?? '', base64Encoded === true ? 'base64' : 'utf8'));
      if (eof === true) return;
    }
  } finally {
    closeSync(file);
  }
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, HAND_OVER_LIMIT_MS);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
