/**
 * What Playwright Test itself listens to and does not publish: the calls of its client, and the steps that a worker
 * tells its runner. Both are only listened to, so that errors, stacks and reports stay as they are without Headwater.
 * And the browser's end of a page, where it is in this process.
 * Looked for, never relied on: where a version lacks one of them, a run says what is not known, or takes the longer way.
 * Read in Playwright 1.40 to 1.65: `client/clientInstrumentation.ts`, `worker/testInfo.ts`, `inProcessFactory.ts`,
 * `server/chromium/crConnection.ts`.
 */
import type { BrowserContext, Page } from 'playwright';
import type { Fields } from '../../src/import/netlog/events.ts';
import type { CdpSession } from '../cdp/cdp-session.ts';

export interface ApiCall {
  /** `page.goto`, `locator.click` */
  readonly apiName?: string;
  /** Until 1.54 here, and no channel. */
  readonly params?: Fields;
}
export interface Channel {
  readonly type?: string;
  readonly method?: string;
  readonly params?: Fields;
}
export interface CallListener {
  called(call: ApiCall, channel: Channel): void;
  /** Waited for before the test gets the context. */
  opened(context: BrowserContext): Promise<void>;
}
/** As Playwright calls it; until 1.4x with the call's name and its parameters instead. */
interface OwnListener {
  onApiCallBegin(call: ApiCall | string, channel: Channel | Fields): void;
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>;
}
interface Instrumentation {
  addListener(listener: OwnListener): void;
  removeListener(listener: OwnListener): void;
}

/** Tells of every call from now on, and returns how to stop; undefined where this version of Playwright has no such place. */
export function listenToCallsOf(playwright: unknown, listener: CallListener): (() => void) | undefined {
  const found = (playwright as { _instrumentation?: Partial<Instrumentation> })._instrumentation;
  if (typeof found?.addListener !== 'function' || typeof found.removeListener !== 'function')
    return undefined;
  const own: OwnListener = {
    onApiCallBegin(call, channel) {
      // A listener that fails must not fail the call.
      try {
        if (typeof call === 'string') listener.called({ apiName: call }, { params: channel as Fields });
        else listener.called(call, channel ?? { params: call.params });
      } catch {}
    },
    runAfterCreateBrowserContext: (context) => listener.opened(context).catch(() => undefined),
  };
  found.addListener(own);
  return () => found.removeListener?.(own);
}

export interface StepBegin {
  readonly stepId: string;
  readonly parentStepId?: string;
  readonly title: string;
  /** `test.step`, `expect`, `pw:api`, `hook`, `fixture`, `test.attach` */
  readonly category: string;
  /** `locator` as the report shows it. Others may hold what was typed. */
  readonly params?: Fields;
}
export interface StepEnd {
  readonly stepId: string;
  readonly error?: { readonly message?: string };
}
export interface StepListener {
  began(step: StepBegin): void;
  ended(step: StepEnd): void;
}

type Tell<T> = (payload: T) => void;

/** Tells of every step of a test from now on; false where this version of Playwright has no such place to listen. */
export function listenToSteps(testInfo: unknown, listener: StepListener): boolean {
  const info = testInfo as Record<string, unknown>;
  const callbacks = info._callbacks as Record<string, unknown> | undefined;
  // Until 1.59 the two were fields of the test itself.
  const [place, begin, end] = callbacks
    ? [callbacks, 'onStepBegin', 'onStepEnd']
    : [info, '_onStepBegin', '_onStepEnd'];
  const isThere = typeof place[begin!] === 'function' && typeof place[end!] === 'function';
  if (!isThere) return false;
  const heard = {
    [begin!]: alsoTelling(place[begin!] as Tell<StepBegin>, (step) => listener.began(step)),
    [end!]: alsoTelling(place[end!] as Tell<StepEnd>, (step) => listener.ended(step)),
  };
  if (callbacks) info._callbacks = { ...callbacks, ...heard };
  else Object.assign(info, heard);
  return true;
}

/** A listener that fails must not fail the test. */
const harmless =
  <T>(tell: Tell<T>): Tell<T> =>
  (payload) => {
    try {
      tell(payload);
    } catch {}
  };

function alsoTelling<T>(original: Tell<T>, tell: Tell<T>): Tell<T> {
  const tellHarmlessly = harmless(tell);
  return (payload) => {
    tellHarmlessly(payload);
    original(payload);
  };
}

interface OwnSession {
  on(event: string, listener: Tell<Fields | undefined>): void;
}
interface ServerSession {
  readonly _session: { send(method: string, params?: Fields): Promise<Fields> };
  on(event: 'event', listener: (told: { readonly method: string; readonly params?: Fields }) => void): void;
}
interface ServerContext {
  newCDPSession(page: unknown): Promise<ServerSession>;
}
interface ServerDelegate {
  readonly _mainFrameSession?: { readonly _client?: Partial<OwnSession> };
}
interface ServerPage {
  readonly delegate?: ServerDelegate;
  /** Until 1.5x. */
  readonly _delegate?: ServerDelegate;
}

/**
 * Domains that Playwright has switched on for itself. Their events are heard where it hears them: to tell them to a
 * second session costs each request some time in the page, the browser and here.
 */
const OVERHEARD_DOMAINS = new Set(['Network', 'Page', 'Runtime']);

const domainOf = (method: string): string => method.slice(0, method.indexOf('.'));

export interface DirectSession {
  readonly alone: CdpSession;
  /** Hears of `OVERHEARD_DOMAINS` what Playwright is told. */
  readonly overhearing: CdpSession;
}

/**
 * A session with the page that does not go through Playwright's client: there each message is checked, copied and waits
 * for two turns of the event loop, and each call takes a stack trace.
 * @returns undefined where the browser's end is in another process, or looks different
 */
export async function directSession(context: BrowserContext, page: Page): Promise<DirectSession | undefined> {
  const { toImpl } =
    (page as { _connection?: { toImpl?: (of: unknown) => unknown } } & Page)._connection ?? {};
  if (typeof toImpl !== 'function') return undefined;
  try {
    const session = await (toImpl(context) as ServerContext).newCDPSession(toImpl(page));
    const { _session: raw } = session;
    if (typeof raw.send !== 'function') return undefined;
    const listeners = new Map<string, ((params: Fields) => void)[]>();
    session.on('event', ({ method, params }) => {
      for (const listener of listeners.get(method) ?? []) listener(params ?? {});
    });
    const direct: CdpSession = {
      send: (method, params) => raw.send(method, params),
      on: (event, listener) => void listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    };
    const own = ownSessionOf(toImpl(page) as ServerPage);
    return { alone: direct, overhearing: own ? overhearing(own, direct) : direct };
  } catch {
    return undefined;
  }
}

function ownSessionOf(page: ServerPage): OwnSession | undefined {
  const client = (page.delegate ?? page._delegate)?._mainFrameSession?._client;
  return typeof client?.on === 'function' ? (client as OwnSession) : undefined;
}

/** `direct`, but for the events that `own` is told anyway. */
const overhearing = (own: OwnSession, direct: CdpSession): CdpSession => ({
  send(method, params) {
    const isOn = OVERHEARD_DOMAINS.has(domainOf(method)) && method.endsWith('.enable');
    return isOn ? Promise.resolve({}) : direct.send(method, params);
  },
  on(event, listener) {
    if (OVERHEARD_DOMAINS.has(domainOf(event)))
      own.on(
        event,
        harmless((params) => listener(params ?? {})),
      );
    else direct.on(event, listener);
  },
});
