/**
 * The start of one shop: the order of its parts, and what runs so far, so that a failure half-way can end it.
 * Parts that do not need each other start at the same time.
 */
import { rm } from 'node:fs/promises';
import { makeShopCertificate, type ShopCertificate } from './certificate.ts';
import type { RunningDatabase } from './database.ts';
import type { DnsServerReady } from './dns-server.ts';
import { startElsewhere } from './elsewhere/start.ts';
import { freePort } from './free-port.ts';
import { adminSocket } from './haproxy-config.ts';
import { injectedFile } from './injected.ts';
import { defaultStateDir } from './kept-seed.ts';
import { startMariadb } from './mariadb.ts';
import { ASSETS_HOST, SHOP_HOST, STATIC_HOST } from './names.ts';
import { loadNodePart, type Part, type PartSite, startNodePart } from './part.ts';
import { occupyPools, type StartNode, startPools } from './pools.ts';
import { startPostgres } from './postgres.ts';
import { installHint, type RunningProxy, startProxy } from './proxy.ts';
import type { RelayOptions } from './relay.ts';
import type { Hop } from './relay-rules.ts';
import { MISCHIEF_VARIABLE } from './services/mischief/mischief.ts';
import { ADDITIONS_VARIABLE } from './services/page-additions.ts';
import type { DatabaseSystem, ServiceName, ShopSettings } from './settings.ts';
import type { Shop, ShopOptions } from './shop-options.ts';
import { warmUp } from './warm-up.ts';

export class ShopStart {
  private readonly parts: Part[] = [];
  private readonly options: ShopOptions;
  private readonly settings: ShopSettings;
  private readonly site: PartSite;
  /** Ended too when the start fails before they are ready. */
  private readonly loading: { stop(): Promise<void> }[] = [];
  private stopping = false;

  constructor(options: ShopOptions, settings: ShopSettings, site: PartSite) {
    this.options = options;
    this.settings = settings;
    this.site = site;
  }

  async start(): Promise<Omit<Shop, 'stop'>> {
    const names = [SHOP_HOST, STATIC_HOST, ASSETS_HOST, 'localhost', '127.0.0.1'];
    const elsewhere = startElsewhere(this.settings.elsewhere, this.site, (part) => this.keep(part));
    const [dns, certificate, { webs, databaseLog }, { pins }] = await this.all([
      this.startDns(),
      makeShopCertificate(names, this.settings.tls),
      this.startServices(elsewhere),
      elsewhere,
    ]);
    const proxy = await this.timed('proxy', () => this.startProxy(certificate, webs));
    const tlsPort = await this.over('browser → proxy', proxy.tlsPort, proxy.kind === 'haproxy');
    await this.startDeadAddresses(tlsPort);
    const nameServers = dns.servers.map(({ address }) => ({ address, port: dns.port }));
    await this.timed('warm-up', () =>
      warmUp(
        webs.map((web) => web.port),
        nameServers,
      ),
    );
    return {
      url: `https://${SHOP_HOST}:${tlsPort}/`,
      staticUrl: `https://${STATIC_HOST}:${tlsPort}/`,
      humanUrl: `http://127.0.0.1:${proxy.plainPort}/`,
      dnsRoots: [{ ...dns.root, port: dns.port }],
      dnsPortOf: Object.fromEntries(dns.servers.map(({ address }) => [address, dns.port])),
      // a pin makes browsers overlook all that is wrong with a certificate
      pins: this.settings.tls.expiredDays === undefined ? [certificate.pin, ...pins] : pins,
      ca: certificate.ca,
      proxy: proxy.kind,
      database: this.system,
      databaseLog,
      injectedFile: injectedFile(this.site.dir),
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
   * database   ├──────────┤
   * inventory  ├ load ─ ─ ┼ connect ┤
   * web-1      ├ load ─ ─ ─ ─ ─ ─ ─ ┼ ready
   * ```
   */
  private async startServices(elsewhere: ReturnType<typeof startElsewhere>) {
    const [inventory, payment, ...webs] = await this.all([
      this.load('inventory', 'inventory'),
      this.load('payment', 'payment'),
      this.load('web-1', 'web'),
      this.load('web-2', 'web'),
    ]);
    const database = await this.timed(this.system, () => this.startDatabase());
    const databasePort = await this.over('services → database', database.port);
    const [{ port: inventoryPort }, { port: paymentPort }] = await this.all([
      inventory(database.environmentAt(databasePort)),
      payment(database.environmentAt(await this.over('payment → database', databasePort))),
    ]);
    const upstream = {
      SHOP_INVENTORY_URL: localUrl(await this.over('web → inventory', inventoryPort)),
      SHOP_PAYMENT_URL: localUrl(await this.over('web → payment', paymentPort)),
      ...(await elsewhere).addresses,
    };
    return { webs: await this.all(webs.map((begin) => begin(upstream))), databaseLog: database.log };
  }

  private get system(): DatabaseSystem {
    return this.options.database ?? 'postgresql';
  }

  private async startDatabase(): Promise<RunningDatabase> {
    const { site, options, settings, system } = this;
    const start = system === 'mariadb' ? startMariadb : startPostgres;
    const database = await start({
      site,
      stateDir: options.stateDir ?? defaultStateDir(),
      settings: settings.database,
      onNote: (detail) => this.note(system, detail),
    });
    this.keep(database.part);
    return database;
  }

  /** Starts a service's process; the result tells it where the others are and waits until it serves. */
  private async load(name: string, kind: ServiceName) {
    const startMs = performance.now();
    const env = {
      OTEL_SERVICE_NAME: kind,
      OTEL_SERVICE_INSTANCE_ID: name,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.options.otlpUrl,
      SHOP_DATABASE: this.system,
      ...QUIET_TELEMETRY,
      [MISCHIEF_VARIABLE]: JSON.stringify(this.settings.mischief[kind]),
      ...(kind === 'web' && { [ADDITIONS_VARIABLE]: JSON.stringify(this.settings.pages) }),
      ...this.settings.services[kind],
    };
    this.options.onProgress?.({ part: name, state: 'starting' });
    const loading = await loadNodePart<{ port: number }>(
      { name, module: `services/${kind}`, env },
      this.site,
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
    certificate: ShopCertificate,
    webs: { name: string; port: number }[],
  ): Promise<RunningProxy> {
    const { site, options, settings } = this;
    const { pools } = settings.proxy;
    // the folder in its command line is how the guard knows a part that stands still
    const start: StartNode = (name, module, given) =>
      this.node(name, module, {}, [JSON.stringify({ ...given, dir: site.dir })]);
    const { hasNoServer } = settings.proxy;
    const backends = await Promise.all(
      webs.map(async ({ name, port }) => ({
        name,
        port: hasNoServer ? await freePort() : await this.over('proxy → web', port),
      })),
    );
    const proxy = await startProxy({
      kind: options.proxy ?? 'auto',
      certificate,
      syslogPort: options.syslogPort,
      otlpGrpcPort: options.otlpGrpcPort,
      backends,
      isRelayed: settings.relays.some((relay) => relay.hop === 'browser → proxy'),
      tls: settings.tls,
      settings: settings.proxy,
      pools: await startPools(pools, backends, start),
      site,
    });
    this.keep(proxy.part);
    const where = { plainPort: proxy.plainPort, adminSocket: adminSocket(site.dir), servers: webs.length };
    await occupyPools(pools, where, start);
    if (proxy.kind === 'embedded') {
      this.note('proxy', `A small embedded proxy stands in for HAProxy. ${installHint('haproxy')}`);
    }
    return proxy;
  }

  /** The port at which the next part is reached: its own, or that of a relay which a fault put before it. */
  private async over(hop: Hop, port: number, tellsClient = false): Promise<number> {
    const mine = this.settings.relays.filter((relay) => relay.hop === hop);
    if (mine.length === 0) return port;
    const rules = mine.map((relay) => ({ fault: relay.fault, ...relay.rules }));
    const options: RelayOptions = { port, tellsClient, rules };
    const name = `relay-${hop.replace(' → ', '-')}`;
    return (await this.node<{ port: number }>(name, 'relay', {}, [JSON.stringify(options)])).port;
  }

  /** Beside the front, at the same port. */
  private async startDeadAddresses(port: number): Promise<void> {
    for (const address of this.settings.deadAddresses)
      await this.node(`dead-address-${address}`, 'dead-address', {}, [JSON.stringify({ address, port })]);
  }

  private async node<Ready>(name: string, module: string, env: Record<string, string>, args: string[] = []) {
    const { part, ready } = await startNodePart<Ready>({ name, module, env, args }, this.site);
    this.keep(part);
    return ready;
  }

  private keep(part: Part): void {
    this.parts.push(part);
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
    const isStore = (part: Part) => part.name === this.system;
    const callers = [...this.parts.filter((part) => !isStore(part)), ...this.loading];
    await Promise.all(callers.map((part) => part.stop()));
    await Promise.all(this.parts.filter(isStore).map((part) => part.stop()));
    await rm(this.site.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

const localUrl = (port: number): string => `http://127.0.0.1:${port}`;

/** Traces only, under the stable names of the semantic conventions. */
const QUIET_TELEMETRY = {
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http,database',
};
