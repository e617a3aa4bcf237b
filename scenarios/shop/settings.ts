/**
 * What a fault may change: how each real part of the shop is started. A fault never reaches the probe or the
 * collector; whatever they report, they saw.
 */
import type { AnswerDelay } from './dns-listener.ts';

export const DATABASE_SYSTEMS = ['postgresql', 'mariadb'] as const;
export type DatabaseSystem = (typeof DATABASE_SYSTEMS)[number];

/** A superuser's connection to the shop's own database. */
export interface Database {
  readonly system: DatabaseSystem;
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface ShopSettings {
  readonly dns: { readonly delays: AnswerDelay[] };
  readonly database: {
    /** The server's settings, over the shop's own. */
    readonly settings: Record<string, string>;
    /** Run in order on this run's copy of the database, before the services start. */
    readonly alterations: ((database: Database) => Promise<void>)[];
  };
  /** Extra environment of each service. */
  readonly services: Record<'web' | 'inventory' | 'payment', Record<string, string>>;
}

export const healthySettings = (): ShopSettings => ({
  dns: { delays: [] },
  database: { settings: {}, alterations: [] },
  services: { web: {}, inventory: {}, payment: {} },
});
