/**
 * What a fault may change: how each real part of the shop is started. A fault never reaches the probe or the
 * collector; whatever they report, they saw.
 */
import type { AnswerDelay } from './dns-mishaps.ts';
import type { ZoneChanges } from './dns-zones.ts';
import type { ElsewhereAnswer } from './elsewhere/answers.ts';
import type { Pool } from './pools.ts';
import type { Relay } from './relay-rules.ts';
import type { Mischief } from './services/mischief/mischief.ts';
import type { PageAddition } from './services/page-additions.ts';

export const DATABASE_SYSTEMS = ['postgresql', 'mariadb'] as const;
export type DatabaseSystem = (typeof DATABASE_SYSTEMS)[number];

export const SERVICES = ['web', 'inventory', 'payment'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** A superuser's connection to the shop's own database. */
export interface Database {
  readonly system: DatabaseSystem;
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** How the load balancer speaks TLS. */
export interface TlsSettings {
  /** The only key exchange groups that it takes, by OpenSSL's names. */
  groups?: string;
  /** False: no session is taken up again. */
  resumes?: boolean;
  /** Certificates beside its own and the authority's, this long in all. */
  chainBytes?: number;
  /** Its certificate has been out of date for so long. */
  expiredDays?: number;
}

export interface ProxySettings {
  /** Nobody listens where it looks for its servers. */
  hasNoServer?: boolean;
  /** How long a server may be silent before it is given up. */
  serverTimeoutMs?: number;
  /** How long a browser's connection may be idle before it is closed. */
  keepAliveMs?: number;
  /** Paths that have servers of their own. */
  readonly pools: Pool[];
}

export interface ShopSettings {
  readonly dns: ZoneChanges & { readonly delays: AnswerDelay[] };
  readonly database: {
    /** The server's settings, over the shop's own. */
    readonly settings: Record<string, string>;
    /** Run in order on this run's copy of the database, before the services start. */
    readonly alterations: ((database: Database) => Promise<void>)[];
  };
  /** Extra environment of each service. */
  readonly services: Record<ServiceName, Record<string, string>>;
  /** What goes wrong inside a service, before it handles a request. */
  readonly mischief: Record<ServiceName, Mischief[]>;
  /** Put on the wire between two parts. At most one between the same two: rules of several faults are merged. */
  readonly relays: Relay[];
  /** What is added to the shop's pages. */
  readonly pages: PageAddition[];
  /** What the hosts of others answer; nobody is there when this is empty. */
  readonly elsewhere: ElsewhereAnswer[];
  readonly tls: TlsSettings;
  readonly proxy: ProxySettings;
  /** Addresses of this machine that neither take nor refuse connections at the front's port. */
  readonly deadAddresses: string[];
}

export const healthySettings = (): ShopSettings => ({
  dns: { delays: [], records: [], absent: [], zones: [] },
  database: { settings: {}, alterations: [] },
  services: { web: {}, inventory: {}, payment: {} },
  mischief: { web: [], inventory: [], payment: [] },
  relays: [],
  pages: [],
  elsewhere: [],
  tls: {},
  proxy: { pools: [] },
  deadAddresses: [],
});
