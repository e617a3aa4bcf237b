/** Watches a browser: requests of every page, frame and worker, the main thread, and the header on the wire. */
import type { BrowserContext, Page } from 'playwright';
import { type Fields, isFields, textOf } from '../src/import/netlog/events.ts';
import type { Warning } from '../src/model/span.ts';
import { attachChildren, type CdpSession, sessionOf } from './cdp/cdp-session.ts';
import { startTrace } from './cdp/main-thread.ts';
import { NetworkRecorder } from './cdp/network-recorder.ts';
import { TraceHeaders } from './cdp/trace-header.ts';

export interface ObserverOptions {
  readonly traceId: string;
  readonly allowOrigins: ReadonlySet<string>;
}

export interface SeenByBrowser {
  readonly network: NetworkRecorder;
  readonly headers: TraceHeaders;
  readonly traceEvents: readonly Fields[];
  /** The main frame of each page. */
  readonly pageFrameIds: ReadonlySet<string>;
  readonly warnings: readonly Warning[];
}
export interface BrowserObserver {
  /** Ends the observation and waits for what is still on its way. */
  stop(): Promise<SeenByBrowser>;
}

/** The requests that a server does work for; images, scripts and styles are cheaper without a pause. */
export const INJECTED_TYPES = ['Document', 'XHR', 'Fetch'];
/** A browser that has crashed answers nothing. */
const STOP_TIMEOUT_MS = 3_000;

export async function observeBrowser(
  context: BrowserContext,
  page: Page,
  options: ObserverOptions,
): Promise<BrowserObserver> {
  const network = new NetworkRecorder();
  const headers = new TraceHeaders({ ...options, resourceTypes: INJECTED_TYPES });
  const warnings: Warning[] = [];
  const pageFrameIds = new Set<string>();
  const watch = async (session: CdpSession) => {
    await network.enable(session);
    // Workers have no Fetch domain: their requests pause at the page's.
    await headers.enable(session).catch(() => undefined);
  };
  const watchPage = async (opened: Page) => {
    const session = sessionOf(await context.newCDPSession(opened));
    await watch(session);
    await attachChildren(session, watch);
    const frameId = await mainFrameOf(session);
    if (frameId) pageFrameIds.add(frameId);
  };
  await watchPage(page);
  context.on('page', (opened) => {
    watchPage(opened).catch(() => undefined);
  });
  const stopTrace = await startPageTrace(context, warnings);
  return {
    async stop() {
      const traceEvents = await inTime(stopTrace(), []);
      for (const message of new Set(headers.failures))
        warnings.push({
          code: 'probe.no_traceparent',
          where: 'browser',
          message: `A request went without traceparent: ${message}`,
        });
      return { network, headers, traceEvents, pageFrameIds, warnings };
    },
  };
}

async function mainFrameOf(session: CdpSession): Promise<string | undefined> {
  const { frameTree } = await session.send('Page.getFrameTree');
  return isFields(frameTree) && isFields(frameTree.frame) ? textOf(frameTree.frame.id) : undefined;
}

async function startPageTrace(
  context: BrowserContext,
  warnings: Warning[],
): Promise<() => Promise<Fields[]>> {
  try {
    const browser = context.browser();
    if (!browser) throw new Error('the browser has no session of its own');
    return await startTrace(sessionOf(await browser.newBrowserCDPSession()));
  } catch (error) {
    const message = `The page's main thread could not be watched: ${(error as Error).message}.`;
    warnings.push({ code: 'probe.no_trace', where: 'browser', message });
    return async () => [];
  }
}

async function inTime<T>(work: Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), STOP_TIMEOUT_MS);
  });
  const result = await Promise.race([work.catch(() => otherwise), late]);
  clearTimeout(timer);
  return result;
}
