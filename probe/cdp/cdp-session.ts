/**
 * Raw DevTools protocol, one session per target. Playwright opens one for the page; frames of other sites and workers
 * are its children, reached through it (`Target.sendMessageToTarget`), since Playwright hands out no flat ones.
 * Protocol: https://chromedevtools.github.io/devtools-protocol/tot/
 */
import type { CDPSession as PlaywrightSession } from 'playwright';
import type { Fields } from '../../src/import/netlog/events.ts';

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

/** Tells of every target below `parent`, and theirs, before it runs; each is let go when `attached` is done. */
export async function attachChildren(
  parent: CdpSession,
  attached: (child: CdpSession) => Promise<void>,
): Promise<void> {
  const children = new Map<unknown, ChildSession>();
  parent.on('Target.receivedMessageFromTarget', ({ sessionId, message }) => {
    children.get(sessionId)?.receive(String(message));
  });
  parent.on('Target.detachedFromTarget', ({ sessionId }) => {
    children.get(sessionId)?.close();
    children.delete(sessionId);
  });
  parent.on('Target.attachedToTarget', ({ sessionId }) => {
    const child = new ChildSession(parent, String(sessionId));
    children.set(sessionId, child);
    attached(child)
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
