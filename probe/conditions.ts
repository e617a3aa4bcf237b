/** The conditions that a run is to be walked under, put upon the browser before anything is observed. */
import type { BrowserContext, Page } from 'playwright';
import { type CdpSession, sessionOf } from './cdp/cdp-session.ts';

/** As Playwright's `storageState` writes it. */
export interface StorageState {
  readonly cookies?: Parameters<BrowserContext['addCookies']>[0];
  readonly origins?: readonly {
    readonly origin: string;
    readonly localStorage?: readonly { readonly name: string; readonly value: string }[];
  }[];
}

export interface ProbeConditions {
  /** `de-DE` */
  readonly locale?: string;
  /** 4: the page's main thread gets a quarter of the CPU. */
  readonly cpuSlowdown?: number;
  /** −1 is no limit. */
  readonly network?: {
    readonly latencyMs: number;
    readonly downloadBytesPerS: number;
    readonly uploadBytesPerS: number;
  };
  readonly cacheOff?: boolean;
  /** Visit the start once before: then the cache, or only names and connections, are warm. */
  readonly warm?: 'cache' | 'connections';
  readonly storageState?: StorageState;
  /** Headers for the journey's own origins. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The journey sends exchanges of its own (`request`) to other origins than those that get `traceparent`. */
  readonly exchanges?: boolean;
  /** Requests that change something at a server are held back. */
  readonly holdUnsafe?: boolean;
  /** Chromium's `--host-resolver-rules`. */
  readonly hostRules?: string;
}

/** Long enough for a slow start, short enough to be noticed when nothing answers. */
const VISIT_TIMEOUT_MS = 30_000;

export async function applyConditions(
  context: BrowserContext,
  page: Page,
  baseUrl: string,
  conditions: ProbeConditions,
): Promise<void> {
  const { storageState, warm } = conditions;
  if (storageState?.cookies?.length) await context.addCookies(storageState.cookies);
  if (storageState?.origins?.length) await context.addInitScript(fillLocalStorage, storageState.origins);
  const session = sessionOf(await context.newCDPSession(page));
  if (warm) await visitBefore(page, session, baseUrl, warm);
  await throttle(session, conditions);
}

async function throttle(
  session: CdpSession,
  { cpuSlowdown, network, cacheOff }: ProbeConditions,
): Promise<void> {
  if (cpuSlowdown && cpuSlowdown > 1)
    await session.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown });
  if (!network && !cacheOff) return;
  await session.send('Network.enable');
  if (cacheOff) await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (network)
    await session.send('Network.emulateNetworkConditions', {
      offline: network.downloadBytesPerS === 0 && network.uploadBytesPerS === 0,
      latency: network.latencyMs,
      downloadThroughput: network.downloadBytesPerS,
      uploadThroughput: network.uploadBytesPerS,
    });
}

/** What fails here fails in the journey too, where it is seen. */
async function visitBefore(
  page: Page,
  session: CdpSession,
  baseUrl: string,
  warm: NonNullable<ProbeConditions['warm']>,
): Promise<void> {
  await page.goto(baseUrl, { timeout: VISIT_TIMEOUT_MS }).catch(() => undefined);
  await page.goto('about:blank');
  if (warm === 'connections') await session.send('Network.clearBrowserCache');
}

/** Runs in the page. */
function fillLocalStorage(origins: NonNullable<StorageState['origins']>): void {
  const { location, localStorage } = globalThis as unknown as {
    location: { origin: string };
    localStorage: { setItem(name: string, value: string): void };
  };
  const mine = origins.find(({ origin }) => origin === location.origin);
  for (const { name, value } of mine?.localStorage ?? []) localStorage.setItem(name, value);
}
