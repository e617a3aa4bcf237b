/** The shop's database, whichever it is, as the starter sees it. */
import type { Part, PartSite } from './part.ts';
import type { ShopSettings } from './settings.ts';

export const DATABASE = 'shop';

export interface RunningDatabase {
  readonly part: Part;
  readonly port: number;
  /** What the services need to connect as the shop's own user, at the database's port or that of a relay before it. */
  readonly environmentAt: (port: number) => Readonly<Record<string, string>>;
  /** The log that tells of statements; grows while the shop runs. */
  readonly log: string;
}

export interface DatabaseRequest {
  readonly site: PartSite;
  readonly stateDir: string;
  readonly settings: ShopSettings['database'];
  readonly onNote: (detail: string) => void;
}
