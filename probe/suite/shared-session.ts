/**
 * A page's session that outlives the tests which watch it (a page of `beforeAll`): each listens while it is on, and the
 * session itself is listened to once. Its messages are Playwright's internal ones, so that no report shows them.
 */
import type { BrowserContext, Page } from 'playwright';
import type { Fields } from '../../src/import/netlog/events.ts';
import { type CdpSession, sessionOf } from '../cdp/cdp-session.ts';
import { LongFrames } from '../cdp/long-frames.ts';
import { directSession } from './playwright-internals.ts';

type Listener = (params: Fields) => void;

export class SharedSession implements CdpSession {
  private readonly listenersByEvent = new Map<string, Listener[]>();
  private readonly session: CdpSession;
  readonly longFrames: LongFrames;
  /** Of a session that goes through Playwright's client. */
  private readonly owner: unknown;

  private constructor(session: CdpSession, owner: unknown, alone = session) {
    this.session = session;
    this.owner = owner;
    this.longFrames = new LongFrames({
      on: (event, listener) => alone.on(event, listener),
      send: (method, params) => this.sendBy(alone, method, params),
    });
  }

  static async of(context: BrowserContext, page: Page): Promise<SharedSession> {
    const direct = await directSession(context, page);
    if (direct) return new SharedSession(direct.overhearing, undefined, direct.alone);
    const session = await quietly(context, () => context.newCDPSession(page));
    return new SharedSession(sessionOf(session), session);
  }

  /** What is sent reaches the browser before anything that Playwright is asked for afterwards. */
  get isInOrder(): boolean {
    return this.owner === undefined;
  }

  send(method: string, params?: Fields): Promise<Fields> {
    return this.sendBy(this.session, method, params);
  }

  private sendBy(session: CdpSession, method: string, params: Fields | undefined): Promise<Fields> {
    if (this.isInOrder) return session.send(method, params);
    return quietly(this.owner, () => session.send(method, params));
  }

  on(event: string, listener: Listener): void {
    const known = this.listenersByEvent.get(event);
    if (known) {
      known.push(listener);
      return;
    }
    this.listenersByEvent.set(event, [listener]);
    this.session.on(event, (params) => {
      for (const told of this.listenersByEvent.get(event) ?? []) told(params);
    });
  }

  /** Nobody listens any more. What pauses for a listener must have been switched off. */
  forgetListeners(): void {
    for (const listeners of this.listenersByEvent.values()) listeners.length = 0;
    this.longFrames.told = () => undefined;
  }
}

type WrapApiCall<T> = (body: () => Promise<T>, options: { internal: true }) => Promise<T>;

/** Runs calls on Playwright without a report telling of them, where this version can. */
export function quietly<T>(owner: unknown, body: () => Promise<T>): Promise<T> {
  const { _wrapApiCall: wrap } = owner as { _wrapApiCall?: WrapApiCall<T> };
  return typeof wrap === 'function' ? wrap.call(owner, body, { internal: true }) : body();
}
