/**
 * The probe's resolver in the browser's path, in a thread of its own: the probe's main thread is busy with Playwright
 * and CDP, and an answer that waits for it would be stamped late.
 *
 * ```
 * browser ──DoH──► resolver-thread ──UDP, TCP──► name servers
 *                        │ queries, when asked for them
 * run-journey ◄──────────┘
 * ```
 */
import { Worker } from 'node:worker_threads';
import { makeCertificate } from '../certificate.ts';
import { type DnsOptions, resolverPlan } from './dns-options.ts';
import type { DnsQuery } from './dns-query.ts';
import type { FromThread, ThreadData, ToThread } from './resolver-thread.ts';

export type { DnsOptions } from './dns-options.ts';

export interface InPathResolver {
  /** What the browser's settings need; missing where look-ups are left to the browser. */
  readonly endpoint?: { readonly template: string; readonly pin: string };
  /** All that was asked of name servers so far; undefined when the thread has died and nothing is known. */
  queries(): Promise<readonly DnsQuery[] | undefined>;
  close(): Promise<void>;
}

/** A thread that has not answered by then is as good as gone. */
const ANSWER_LIMIT_MS = 5_000;
/** Loading its code is CPU-bound; a loaded machine may need many times the usual half second. */
const START_LIMIT_MS = 60_000;

/** Threads run as this file does: from TypeScript sources through a loader, or compiled without one. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? './resolver-thread-from-source.mjs' : './resolver-thread.js',
  import.meta.url,
);

export async function startResolver(dns: DnsOptions): Promise<InPathResolver> {
  const plan = resolverPlan(dns);
  if (!plan) return { queries: async () => [], close: async () => undefined };
  const { key, cert, pin } = await makeCertificate(['127.0.0.1']);
  const workerData: ThreadData = { plan, key, cert };
  // Not the parent's execArgv: its loaders are not for threads, and the source's own entry brings one.
  const worker = new Worker(THREAD, { workerData, execArgv: [] });
  worker.unref();
  let hasEnded = false;
  worker.once('exit', () => {
    hasEnded = true;
  });
  // Told by what it leaves undone; unheard, an error would end the process.
  worker.on('error', () => undefined);
  const close = async () => void (await worker.terminate());
  try {
    const ready = await messageOf(worker, 'ready', START_LIMIT_MS);
    return {
      endpoint: { template: ready.template, pin },
      queries: () => (hasEnded ? Promise.resolve(undefined) : queriesOf(worker)),
      close,
    };
  } catch (error) {
    await close();
    throw new Error(`The probe's resolver did not start: ${(error as Error).message}`);
  }
}

async function queriesOf(worker: Worker): Promise<readonly DnsQuery[] | undefined> {
  const answer = messageOf(worker, 'queries', ANSWER_LIMIT_MS);
  worker.postMessage({ kind: 'queries' } satisfies ToThread);
  return answer.then(
    ({ queries }) => queries,
    () => undefined,
  );
}

/** The thread's next message of a kind; rejects when the thread ends or is silent for too long. */
function messageOf<Kind extends FromThread['kind']>(worker: Worker, kind: Kind, limitMs: number) {
  type Message = Extract<FromThread, { kind: Kind }>;
  return new Promise<Message>((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const onMessage = (message: FromThread) => {
      if (message.kind === kind) settle(() => resolve(message as Message));
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onExit = () => settle(() => reject(new Error('its thread has ended.')));
    const timer = setTimeout(() => settle(() => reject(new Error(`silent for ${limitMs} ms.`))), limitMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
  });
}
