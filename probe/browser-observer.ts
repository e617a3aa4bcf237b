/** Watches a browser: requests of every page, frame and worker, the main thread, and the header on the wire. */
import type { BrowserContext, Page } from 'playwright';
import type { Fields } from '../src/import/netlog/events.ts';
import type { Warning } from '../src/model/span.ts';
import { USUAL_VIEWPORT } from './browser-launch.ts';
import { startTrace, TRACE_CATEGORIES } from './cdp/browser-trace.ts';
import { attachChildren, attachOpened, type CdpSession, sessionOf } from './cdp/cdp-session.ts';
import { Filmstrip, type Picture } from './cdp/filmstrip.ts';
import type { FramePart } from './cdp/long-frames.ts';
import type { NetworkRecorder } from './cdp/network-recorder.ts';
import { PROFILE_CATEGORIES } from './cdp/page-profile.ts';
import type { PageRecorder } from './cdp/page-recorder.ts';
import { readPerfettoTrace } from './cdp/perfetto-trace.ts';
import type { RequestRules } from './cdp/request-rules.ts';
import type { TraceHeaders } from './cdp/trace-header.ts';
import { TargetWatch } from './target-watch.ts';
import type { UnixClock } from './unix-clock.ts';

export interface ObserverOptions {
  readonly traceId: string;
  readonly allowOrigins: ReadonlySet<string>;
  readonly clock: UnixClock;
  /** Changes requests on their way out. */
  readonly rules?: RequestRules;
  /** Sample the functions that the page's main thread is in. */
  readonly profile?: boolean | undefined;
  /** Take pictures of the page. */
  readonly filmstrip?: boolean;
}

/** Data only: it may have been kept in a file meanwhile. */
export interface SeenByBrowser {
  readonly network: Pick<NetworkRecorder, 'requests'>;
  readonly headers: Pick<TraceHeaders, 'injected' | 'methodByNetworkId'>;
  readonly page: Pick<PageRecorder, 'news' | 'dropped'>;
  readonly traceEvents: readonly Fields[];
  /** Of pages whose browser trace is not taken. */
  readonly frameParts?: readonly FramePart[];
  readonly pictures: readonly Picture[];
  /** The main frame of each page. */
  readonly pageFrameIds: ReadonlySet<string>;
  readonly warnings: readonly Warning[];
}
export interface BrowserObserver {
  /** As far as they have got. */
  readonly network: NetworkRecorder;
  readonly headers: TraceHeaders;
  /** Ends the observation and waits for what is still on its way. */
  stop(): Promise<SeenByBrowser>;
}

/** What no page is the parent of. */
const OPENED_TYPES = ['page', 'shared_worker'];
/** A browser that has crashed answers nothing. */
const STOP_TIMEOUT_MS = 3_000;
/** Its trace is some thousand events, which a busy machine took more than 3 s to hand over. */
const TRACE_TIMEOUT_MS = 8_000;
const NO_TRACE_IN_TIME: Warning = {
  code: 'probe.no_trace',
  where: 'browser',
  message: `The browser did not hand over its trace within ${TRACE_TIMEOUT_MS / 1_000} s: what the page's main thread did is not known.`,
};

export async function observeBrowser(
  context: BrowserContext,
  page: Page,
  options: ObserverOptions,
): Promise<BrowserObserver> {
  const watching = new TargetWatch(options);
  const { network, headers, page: recorder, pageFrameIds, watch } = watching;
  const warnings: Warning[] = [];
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
  const stopTrace = await startPageTrace(
    browserSession,
    options.profile ? PROFILE_CATEGORIES : TRACE_CATEGORIES,
    warnings,
  );
  return {
    network,
    headers,
    async stop() {
      if (filmstrip) await inTime(filmstrip.stop(), undefined);
      const handedOver = stopTrace().catch((): Fields[] => []);
      const traceEvents = await inTime(handedOver, undefined, TRACE_TIMEOUT_MS);
      if (!traceEvents) warnings.push(NO_TRACE_IN_TIME);
      network.addWireFacts();
      warnings.push(...headers.warnings());
      return {
        network,
        headers,
        page: recorder,
        pictures: filmstrip?.pictures ?? [],
        traceEvents: traceEvents ?? [],
        pageFrameIds,
        warnings,
      };
    },
  };
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
  categories: readonly string[],
  warnings: Warning[],
): Promise<() => Promise<Fields[]>> {
  if (!session) return async () => [];
  try {
    const trace = await startTrace(session, categories);
    return async () => readPerfettoTrace(await trace.end());
  } catch (error) {
    const message = `The page's main thread could not be watched: ${(error as Error).message}.`;
    warnings.push({ code: 'probe.no_trace', where: 'browser', message });
    return async () => [];
  }
}

async function inTime<T>(work: Promise<T>, otherwise: T, limitMs = STOP_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), limitMs);
  });
  const result = await Promise.race([work.catch(() => otherwise), late]);
  clearTimeout(timer);
  return result;
}
