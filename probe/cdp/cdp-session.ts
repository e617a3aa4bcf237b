/**
 * Raw DevTools protocol, one session per target. Playwright opens one for the page; frames of other sites and workers
 * are its children, reached through it (`Target.sendMessageToTarget`), since Playwright hands out no flat ones.
 * Protocol: https://chromedevtools.github.io/devtools-protocol/tot/
 */
import type { CDPSession as PlaywrightSession } from 'playwright';
import { type Fields, isFields, textOf } from '../../src/import/netlog/events.ts';

export interface CdpSession {
  send(method: string, params?: Fields): Promise<Fields>;
  on(event: string, listener: (params: Fields) => void): void;
}

type Listener = (params: Fields) => void;

/** Playwright types each message by name; the probe handles them by shape. */
interface AnySession {
  send(method: string, params?: Fields): Promise<Fields>;
  on(event: string, listener: Listener): void;
}

export function sessionOf(session: PlaywrightSession): CdpSession {
  const any = session as unknown as AnySession;
  return {
    send: (method, params) => any.send(method, params),
    on: (event, listener) => any.on(event, listener),
  };
}

export interface Target {
  readonly id: string;
  /** `page`, `iframe`, `worker`, `service_worker`, `shared_worker` */
  readonly type: string;
}
type Attached = (child: CdpSession, target: Target) => Promise<void>;

/** Tells of every target below `parent`, and theirs, before it runs; each is let go when `attached` is done. */
export async function attachChildren(parent: CdpSession, attached: Attached): Promise<void> {
  const children = childrenOf(parent);
  parent.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    const child = children.add(String(sessionId));
    attached(child, targetOf(targetInfo))
      .then(() => attachChildren(child, attached))
      .catch(() => undefined)
      .finally(() => child.send('Runtime.runIfWaitingForDebugger').catch(() => undefined));
  });
  await parent.send('Target.setAutoAttach', {
    autoAttach: true,
    waitForDebuggerOnStart: true,
    flatten: false,
  });
}

/**
 * Tells of every target of these types that opens from now on, and of what is below it: new windows and shared
 * workers are no page's children. Playwright lets them run; what they do in their first milliseconds may go unseen.
 * (The browser's own session can attach on its own only to flat sessions, which Playwright does not hand out.)
 */
export async function attachOpened(
  browser: CdpSession,
  types: readonly string[],
  attached: Attached,
): Promise<void> {
  const children = childrenOf(browser);
  const known = new Set<string>();
  let isStarting = true;
  browser.on('Target.targetCreated', ({ targetInfo }) => {
    const target = targetOf(targetInfo);
    if (!types.includes(target.type) || known.has(target.id)) return;
    known.add(target.id);
    if (isStarting) return;
    browser
      .send('Target.attachToTarget', { targetId: target.id, flatten: false })
      .then(({ sessionId }) => {
        const child = children.add(String(sessionId));
        return Promise.all([attached(child, target), attachChildren(child, attached)]);
      })
      .catch(() => undefined);
  });
  await browser.send('Target.setDiscoverTargets', { discover: true });
  isStarting = false;
}

const targetOf = (info: unknown): Target =>
  isFields(info) ? { id: textOf(info.targetId) ?? '', type: textOf(info.type) ?? '' } : { id: '', type: '' };

/** The sessions below one, by id; what they are told comes wrapped in messages of `parent`. */
function childrenOf(parent: CdpSession): { add(sessionId: string): ChildSession } {
  const children = new Map<unknown, ChildSession>();
  parent.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    children.get(sessionId)?.receive(String(message));
  });
  parent.on('Target.detachedFromTarget', ({ sessionId }) => {
    children.get(sessionId)?.close();
    children.delete(sessionId);
  });
  return {
    add(sessionId) {
      const child = new ChildSession(parent, sessionId);
      children.set(sessionId, child);
      return child;
    },
  };
}

interface Pending {
  resolve(result: Fields): void;
  reject(error: Error): void;
}

class ChildSession implements CdpSession {
  private readonly pending = new Map<number, Pending>();
  private readonly listenersByEvent = new Map<string, Listener[]>();
  private readonly parent: CdpSession;
  private readonly sessionId: string;
  private lastId = 0;

  constructor(parent: CdpSession, sessionId: string) {
    this.parent = parent;
    this.sessionId = sessionId;
  }

  send(method: string, params: Fields = {}): Promise<Fields> {
    const id = ++this.lastId;
    const message = JSON.stringify({ id, method, params });
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.parent.send('Target.sendMessageToTarget', { sessionId: this.sessionId, message }).catch(reject);
    });
  }

  on(event: string, listener: Listener): void {
    const listeners = this.listenersByEvent.get(event) ?? [];
    this.listenersByEvent.set(event, [...listeners, listener]);
  }

  receive(text: string): void {
    const message = JSON.parse(text) as {
      id?: number;
      method?: string;
      params?: Fields;
      result?: Fields;
      error?: Fields;
    };
    if (message.method) {
      for (const listener of this.listenersByEvent.get(message.method) ?? []) listener(message.params ?? {});
      return;
    }
    const waiting = this.pending.get(message.id ?? -1);
    this.pending.delete(message.id ?? -1);
    if (message.error) waiting?.reject(new Error(String(message.error.message)));
    else waiting?.resolve(message.result ?? {});
  }

  close(): void {
    for (const { reject } of this.pending.values()) reject(new Error('The target is gone.'));
    this.pending.clear();
  }
}
