/**
 * Starts the demo shop: real parts, each a process of its own, on loopback.
 *
 * ```
 * browser ──DNS──► root, TLD, authoritative (127.53.0.x)
 *         ──TLS──► HAProxy ──► web-1, web-2 ──► inventory ─┬─► PostgreSQL
 *                                          └──► payment ───┘
 * ```
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, faultMs } from '../faults/index.ts';
import { makeShopCertificate } from './certificate.ts';
import type { DnsServerReady } from './dns-server.ts';
import { startGuard } from './guarded.ts';
import { ASSETS_HOST, SHOP_HOST, STATIC_HOST } from './names.ts';
import { loadNodePart, type Part, startNodePart } from './part.ts';
import { startPostgres } from './postgres.ts';
import { defaultStateDir } from './postgres-seed.ts';
import { HAPROXY_HINT, type RunningProxy, startProxy } from './proxy.ts';
import { healthySettings, type ShopSettings } from './settings.ts';
import { warmUp } from './warm-up.ts';

export interface ShopProgress {
  readonly part: string;
  readonly state: 'starting' | 'ready' | 'note';
  /** Since the part began to start. */
  readonly ms?: number;
  readonly detail?: string;
}

export interface ShopOptions {
  /** Where the services send OTLP/HTTP, protobuf: `http://127.0.0.1:4318`. */
  readonly otlpUrl: string;
  /** UDP port on 127.0.0.1 that takes the load balancer's log: syslog datagrams, raw JSON. */
  readonly syslogPort: number;
  readonly faults?: readonly Fault[];
  /** Keeps the seeded database between runs; default: `headwater` in the XDG cache folder. */
  readonly stateDir?: string;
  readonly onProgress?: (line: ShopProgress) => void;
  /** `auto`: HAProxy when found, else the embedded stand-in. */
  readonly proxy?: 'haproxy' | 'embedded' | 'auto';
}

export interface Shop {
  /** What the journey visits; resolvable only through the private DNS. */
  readonly url: string;
  /** The origin that serves pictures, styles, scripts and the font. */
  readonly staticUrl: string;
  /** The same shop through the same proxy, for a person's browser. */
  readonly humanUrl: string;
  readonly dnsRoots: readonly { name: string; address: string; port: number }[];
  /** Name server's address → its port. They are all the same. */
  readonly dnsPortOf: Readonly<Record<string, number>>;
  /** Base64 SHA-256 of the TLS leaf's SubjectPublicKeyInfo, for `--ignore-certificate-errors-spki-list`. */
  readonly pins: readonly string[];
  /** The authority that signed the leaf, PEM, for clients other than browsers. */
  readonly ca: string;
  readonly proxy: 'haproxy' | 'embedded';
  /** PostgreSQL's jsonlog file; grows while the shop runs. */
  readonly postgresLog: string;
  /** Every process, with its pid and the file that takes its output. */
  readonly parts: readonly Part[];
  /** Idempotent. Leaves no process, port or folder. */
  stop(): Promise<void>;
}

/** Takes 1–3 s once the database is seeded. Throws an Error that says which part did not start and what it said. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const settings = healthySettings();
  for (const fault of options.faults ?? []) fault.apply(settings, faultMs(fault));
  const runDir = await mkdtemp(join(tmpdir(), 'headwater-shop-'));
  await chmod(runDir, 0o711); // the database runs as another user when this is root, and must pass through
  const guard = startGuard(runDir);
  const shop = new ShopStart(options, settings, runDir, guard.watch);
  const stop = () => shop.stop().finally(() => guard.release());
  try {
    return { ...(await shop.start()), stop: onceOnly(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function onceOnly(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => {
    running ??= run();
    return running;
  };
}

/** The start of one shop: what runs so far, so that a failure half-way can end it. */
class ShopStart {
  private readonly parts: Part[] = [];
  private readonly options: ShopOptions;
  private readonly settings: ShopSettings;
  private readonly runDir: string;
  private readonly watch: (pid: number) => void;
  /** Ended too when the start fails before they are ready. */
  private readonly loading: { stop(): Promise<void> }[] = [];
  private stopping = false;

  constructor(options: ShopOptions, settings: ShopSettings, runDir: string, watch: (pid: number) => void) {
    this.options = options;
    this.settings = settings;
    this.runDir = runDir;
    this.watch = watch;
  }

  async start(): Promise<Omit<Shop, 'stop'>> {
    const names = [SHOP_HOST, STATIC_HOST, ASSETS_HOST, 'localhost', '127.0.0.1'];
    const [dns, certificate, { webs, postgresLog }] = await this.all([
      this.startDns(),
      makeShopCertificate(names),
      this.startServices(),
    ]);
    const proxy = await this.timed('proxy', () => this.startProxy(certificate, webs));
    await this.timed('warm-up', () => warmUp(webs.map((web) => web.port)));
    return {
      url: `https://${SHOP_HOST}:${proxy.tlsPort}/`,
      staticUrl: `https://${STATIC_HOST}:${proxy.tlsPort}/`,
      humanUrl: `http://127.0.0.1:${proxy.plainPort}/`,
      dnsRoots: [{ ...dns.root, port: dns.port }],
      dnsPortOf: Object.fromEntries(dns.servers.map(({ address }) => [address, dns.port])),
      pins: [certificate.pin],
      ca: certificate.ca,
      proxy: proxy.kind,
      postgresLog,
      parts: this.parts,
    };
  }

  /** Like Promise.all, but a failure waits for the others: what they started must be known to be ended. */
  private async all<T extends readonly unknown[]>(starting: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
    await Promise.allSettled(starting);
    return (await Promise.all(starting)) as unknown as T;
  }

  private startDns(): Promise<DnsServerReady> {
    return this.timed('dns', async () =>
      this.node<DnsServerReady>('dns', 'dns-server', {}, [JSON.stringify(this.settings.dns)]),
    );
  }

  /**
   * Programs load while the database starts; then each is told where those that it calls are.
   * ```
   * postgresql ├──────────┤
   * inventory  ├ load ─ ─ ┼ connect ┤
   * web-1      ├ load ─ ─ ─ ─ ─ ─ ─ ┼ ready
   * ```
   */
  private async startServices() {
    const [inventory, payment, ...webs] = await this.all([
      this.load('inventory', 'inventory'),
      this.load('payment', 'payment'),
      this.load('web-1', 'web'),
      this.load('web-2', 'web'),
    ]);
    const postgres = await this.timed('postgresql', () => this.startPostgres());
    const [{ port: inventoryPort }, { port: paymentPort }] = await this.all([
      inventory(postgres.environment),
      payment(postgres.environment),
    ]);
    const upstream = { SHOP_INVENTORY_URL: localUrl(inventoryPort), SHOP_PAYMENT_URL: localUrl(paymentPort) };
    return { webs: await this.all(webs.map((begin) => begin(upstream))), postgresLog: postgres.log };
  }

  private async startPostgres() {
    const { runDir, options, settings } = this;
    const postgres = await startPostgres({
      runDir,
      logDir: runDir,
      stateDir: options.stateDir ?? defaultStateDir(),
      settings: settings.database,
      onNote: (detail) => this.note('postgresql', detail),
    });
    this.keep(postgres.part);
    return postgres;
  }

  /** Starts a service's process; the result tells it where the others are and waits until it serves. */
  private async load(name: string, kind: 'web' | 'inventory' | 'payment') {
    const startMs = performance.now();
    const env = {
      OTEL_SERVICE_NAME: kind,
      OTEL_SERVICE_INSTANCE_ID: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.options.otlpUrl,
      ...QUIET_TELEMETRY,
      ...this.settings.services[kind],
    };
    this.options.onProgress?.({ part: name, state: 'starting' });
    const loading = await loadNodePart<{ port: number }>(
      { name, module: `services/${kind}`, env },
      this.runDir,
    );
    this.loading.push(loading);
    return async (addresses: Readonly<Record<string, string>>) => {
      const { part, ready } = await loading.begin(addresses);
      this.keep(part);
      this.tellReady(name, startMs);
      return { name, port: ready.port };
    };
  }

  private async startProxy(
    certificate: Awaited<ReturnType<typeof makeShopCertificate>>,
    webs: { name: string; port: number }[],
  ): Promise<RunningProxy> {
    const { runDir, options } = this;
    const proxy = await startProxy({
      kind: options.proxy ?? 'auto',
      certificate,
      syslogPort: options.syslogPort,
      backends: webs,
      dir: runDir,
      logDir: runDir,
    });
    this.keep(proxy.part);
    if (proxy.kind === 'embedded') {
      this.note('proxy', `HAProxy is not here: a small embedded proxy stands in for it. ${HAPROXY_HINT}`);
    }
    return proxy;
  }

  private async node<Ready>(name: string, module: string, env: Record<string, string>, args: string[] = []) {
    const { part, ready } = await startNodePart<Ready>({ name, module, env, args }, this.runDir);
    this.keep(part);
    return ready;
  }

  private keep(part: Part): void {
    this.parts.push(part);
    this.watch(part.pid);
    part.ended.then((how) => {
      if (!this.stopping) this.note(part.name, `ended by itself (${how})`);
    });
  }

  private async timed<T>(part: string, start: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    this.options.onProgress?.({ part, state: 'starting' });
    const result = await start();
    this.tellReady(part, startMs);
    return result;
  }

  private tellReady(part: string, startMs: number): void {
    this.options.onProgress?.({ part, state: 'ready', ms: Math.round(performance.now() - startMs) });
  }

  private note(part: string, detail: string): void {
    this.options.onProgress?.({ part, state: 'note', detail });
  }

  /** Front to back, so that nobody calls a service that is gone. */
  async stop(): Promise<void> {
    this.stopping = true;
    const isStore = (part: Part) => part.name === 'postgresql';
    const callers = [...this.parts.filter((part) => !isStore(part)), ...this.loading];
    await Promise.all(callers.map((part) => part.stop()));
    await Promise.all(this.parts.filter(isStore).map((part) => part.stop()));
    await rm(this.runDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

const localUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** Traces only, under the stable names of the semantic conventions. */
const QUIET_TELEMETRY = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
};
