/** Watches a browser: requests of every page, frame and worker, the main thread, and the header on the wire. */
import type { BrowserContext, Page } from 'playwright';
import { type Fields, isFields, textOf } from '../src/import/netlog/events.ts';
import type { Warning } from '../src/model/span.ts';
import { attachChildren, attachOpened, type CdpSession, sessionOf, type Target } from './cdp/cdp-session.ts';
import { Filmstrip, type Picture } from './cdp/filmstrip.ts';
import { startTrace } from './cdp/main-thread.ts';
import { NetworkRecorder } from './cdp/network-recorder.ts';
import { PageRecorder } from './cdp/page-recorder.ts';
import { TraceHeaders } from './cdp/trace-header.ts';
import type { UnixClock } from './unix-clock.ts';

export interface ObserverOptions {
  readonly traceId: string;
  readonly allowOrigins: ReadonlySet<string>;
  readonly clock: UnixClock;
  /** Take pictures of the page. */
  readonly filmstrip?: boolean;
}

export interface SeenByBrowser {
  readonly network: NetworkRecorder;
  readonly headers: TraceHeaders;
  readonly page: PageRecorder;
  readonly traceEvents: readonly Fields[];
  readonly pictures: readonly Picture[];
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
/** What no page is the parent of. */
const OPENED_TYPES = ['page', 'shared_worker'];
const USUAL_VIEWPORT = { width: 1280, height: 720 };
/** A browser that has crashed answers nothing. */
const STOP_TIMEOUT_MS = 3_000;

export async function observeBrowser(
  context: BrowserContext,
  page: Page,
  options: ObserverOptions,
): Promise<BrowserObserver> {
  const network = new NetworkRecorder();
  const headers = new TraceHeaders({ ...options, resourceTypes: INJECTED_TYPES });
  const recorder = new PageRecorder(options.clock);
  const warnings: Warning[] = [];
  const pageFrameIds = new Set<string>();
  const watched = new Set<string>();
  const watch = async (session: CdpSession, { type, id }: Target) => {
    // A service worker is a child of each of its pages.
    if (watched.has(id)) return;
    watched.add(id);
    await Promise.all([
      network.enable(session),
      // Workers have no Fetch domain: their requests pause at the page's.
      headers.enable(session).catch(() => undefined),
      recorder.enable(session),
    ]);
    const frameId = type === 'page' ? await mainFrameOf(session) : undefined;
    if (frameId) pageFrameIds.add(frameId);
  };
  const pageSession = sessionOf(await context.newCDPSession(page));
  const listenTo = (opened: Page) =>
    opened.on('download', (download) => recorder.downloaded(download.suggestedFilename()));
  listenTo(page);
  context.on('page', listenTo);
  await watch(pageSession, { type: 'page', id: '' });
  await attachChildren(pageSession, watch);
  const browserSession = await browserSessionOf(context, warnings);
  if (browserSession) await attachOpened(browserSession, OPENED_TYPES, watch);
  const filmstrip = options.filmstrip ? await startFilmstrip(pageSession, page, warnings) : undefined;
  const stopTrace = await startPageTrace(browserSession, warnings);
  return {
    async stop() {
      if (filmstrip) await inTime(filmstrip.stop(), undefined);
      const traceEvents = await inTime(stopTrace(), []);
      network.addWireFacts();
      for (const message of new Set(headers.failures))
        warnings.push({
          code: 'probe.no_traceparent',
          where: 'browser',
          message: `A request went without traceparent: ${message}`,
        });
      return {
        network,
        headers,
        page: recorder,
        pictures: filmstrip?.pictures ?? [],
        traceEvents,
        pageFrameIds,
        warnings,
      };
    },
  };
}

async function mainFrameOf(session: CdpSession): Promise<string | undefined> {
  const { frameTree } = await session.send('Page.getFrameTree');
  return isFields(frameTree) && isFields(frameTree.frame) ? textOf(frameTree.frame.id) : undefined;
}

async function browserSessionOf(
  context: BrowserContext,
  warnings: Warning[],
): Promise<CdpSession | undefined> {
  try {
    const browser = context.browser();
    if (!browser) throw new Error('the browser has no session of its own');
    return sessionOf(await browser.newBrowserCDPSession());
  } catch (error) {
    const message = `New windows and the page's main thread could not be watched: ${(error as Error).message}.`;
    warnings.push({ code: 'probe.no_browser_session', where: 'browser', message });
    return undefined;
  }
}

async function startFilmstrip(
  session: CdpSession,
  page: Page,
  warnings: Warning[],
): Promise<Filmstrip | undefined> {
  const filmstrip = new Filmstrip(session);
  try {
    await filmstrip.start(page.viewportSize() ?? USUAL_VIEWPORT);
    return filmstrip;
  } catch (error) {
    const message = `No pictures of the page could be taken: ${(error as Error).message}.`;
    warnings.push({ code: 'probe.no_filmstrip', where: 'browser', message });
    return undefined;
  }
}

async function startPageTrace(
  session: CdpSession | undefined,
  warnings: Warning[],
): Promise<() => Promise<Fields[]>> {
  if (!session) return async () => [];
  try {
    return await startTrace(session);
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
