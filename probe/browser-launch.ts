/**
 * Starts a full Chromium with a profile of its own, its NetLog on, and its DNS pointed at the probe's endpoint.
 *
 * Secure DNS is set through `Local State`, which only full Chromium reads (not the headless shell). Certificates are
 * pinned, never ignored: with errors ignored the disk cache stores nothing and the site is measured uncached.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright';

export interface LaunchOptions {
  readonly executablePath: string;
  readonly headless: boolean;
  readonly viewport?: { width: number; height: number };
  readonly locale?: string;
  /** SPKI pins to trust. */
  readonly pins: readonly string[];
  /** Address template of a DNS-over-HTTPS endpoint; the browser's own resolver when missing. */
  readonly dohTemplate?: string;
  /** Chromium's `--host-resolver-rules`, for a browser whose names are not looked up at all. */
  readonly hostRules?: string;
}

export interface LaunchedBrowser {
  readonly context: BrowserContext;
  /** Complete once the browser is closed. */
  readonly netLogPath: string;
  /** Closes the browser; the NetLog is still there. */
  close(): Promise<void>;
  /** Removes the profile and the NetLog. */
  removeFiles(): void;
}

export const USUAL_VIEWPORT = { width: 1280, height: 720 };
/** A browser that does not answer a request to close is killed by Playwright's own means after this. */
const CLOSE_TIMEOUT_MS = 10_000;

export async function launchBrowser(options: LaunchOptions): Promise<LaunchedBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'headwater-browser-'));
  const removeFiles = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.once('exit', removeFiles);
  try {
    const context = await launchIn(folder, options);
    return {
      context,
      netLogPath: netLogPath(folder),
      close: () => closeInTime(context),
      removeFiles: () => {
        process.removeListener('exit', removeFiles);
        removeFiles();
      },
    };
  } catch (error) {
    process.removeListener('exit', removeFiles);
    removeFiles();
    throw error;
  }
}

const netLogPath = (folder: string): string => join(folder, 'netlog.json');

function launchIn(folder: string, options: LaunchOptions): Promise<BrowserContext> {
  const profile = join(folder, 'profile');
  writeProfile(profile, options.dohTemplate);
  return chromium.launchPersistentContext(profile, {
    executablePath: options.executablePath,
    headless: options.headless,
    viewport: options.viewport ?? USUAL_VIEWPORT,
    ...(options.locale && { locale: options.locale }),
    chromiumSandbox: !isRoot(),
    // Interrupts are the caller's to handle: the run still wants to read the NetLog and to report.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      `--log-net-log=${netLogPath(folder)}`,
      '--net-log-capture-mode=Default',
      ...(options.pins.length > 0 ? [`--ignore-certificate-errors-spki-list=${options.pins.join(',')}`] : []),
      ...(options.hostRules ? [`--host-resolver-rules=${options.hostRules}`] : []),
    ],
  });
}

function writeProfile(profile: string, dohTemplate: string | undefined): void {
  mkdirSync(join(profile, 'Default'), { recursive: true });
  const localState = {
    browser: { enabled_labs_experiments: SWITCHED_OFF },
    ...(dohTemplate && { dns_over_https: { mode: 'secure', templates: dohTemplate } }),
  };
  writeFileSync(join(profile, 'Local State'), JSON.stringify(localState));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(QUIET_PREFERENCES));
}

/**
 * Entries of `chrome://flags`, `@2` is off. Chromium 156 loads the pages behind its address bar when it starts: some
 * 400 modules in a renderer of their own, which take the processor from the journey's first page. Nobody types there.
 * A flag that a version does not know is ignored. (`--disable-features` would replace Playwright's own list.)
 */
const SWITCHED_OFF = ['webui-omnibox-popup@2', 'webui-omnibox-aim-popup@2'];

/** Forms make Chromium ask Google how to fill them: that is no part of any journey. */
const QUIET_PREFERENCES = {
  autofill: { enabled: false, profile_enabled: false, credit_card_enabled: false },
  credentials_enable_service: false,
  safebrowsing: { enabled: false },
};

const isRoot = (): boolean => process.getuid?.() === 0;

async function closeInTime(context: BrowserContext): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([context.close().catch(() => undefined), late]);
  clearTimeout(timer);
}
