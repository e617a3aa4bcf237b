/**
 * A page's session that outlives the tests which watch it (a page of `beforeAll`): each listens while it is on, and the
 * session itself is listened to once. Its messages are Playwright's internal ones, so that no report shows them.
 */
import type { BrowserContext, Page } from 'playwright';
import type { Fields } from '../../src/import/netlog/events.ts';
import { type CdpSession, sessionOf } from '../cdp/cdp-session.ts';
import { directSession } from './playwright-internals.ts';

type Listener = (params: Fields) => void;

export class SharedSession implements CdpSession {
  private readonly listenersByEvent = new Map<string, Listener[]>();
  private readonly session: CdpSession;
  /** The same page's, of what nobody but its owner is told of. */
  readonly alone: SharedSession;
  tellsLongFrames = false;
  /** Of a session that goes through Playwright's client. */
  private readonly owner: unknown;

  private constructor(session: CdpSession, owner: unknown, alone?: CdpSession) {
    this.session = session;
    this.owner = owner;
    this.alone = alone ? new SharedSession(alone, owner) : this;
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
    if (this.isInOrder) return this.session.send(method, params);
    return quietly(this.owner, () => this.session.send(method, params));
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
    if (this.alone !== this) this.alone.forgetListeners();
  }
}

type WrapApiCall<T> = (body: () => Promise<T>, options: { internal: true }) => Promise<T>;

/** Runs calls on Playwright without a report telling of them, where this version can. */
export function quietly<T>(owner: unknown, body: () => Promise<T>): Promise<T> {
  const { _wrapApiCall: wrap } = owner as { _wrapApiCall?: WrapApiCall<T> };
  return typeof wrap === 'function' ? wrap.call(owner, body, { internal: true }) : body();
}
