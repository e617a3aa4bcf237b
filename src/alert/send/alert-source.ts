/** What lists of alerts are made of, and how somebody says that they are at it. */
import type { AlertRow, Silence } from '../../model/alert.ts';
import { alertRows } from '../rows.ts';
import { isActive } from '../silence.ts';
import { acknowledge, acknowledgements, alertById, keptAlerts, type RecordStore, silences } from './kept.ts';

export interface AlertSource {
  /** What fires first. */
  rows(): AlertRow[];
  /** Those that hold now. */
  silences(): Silence[];
  /** @returns false when no alert of this id fires */
  acknowledge(id: string, by?: string): boolean;
}

export function alertSource(store: RecordStore, now: () => number = Date.now): AlertSource {
  return {
    rows() {
      const alerts = keptAlerts(store).map(({ alert }) => alert);
      const kept = { alerts, acknowledgements: acknowledgements(store), silences: silences(store) };
      return alertRows(kept, now());
    },
    silences: () => silences(store).filter((silence) => isActive(silence, now())),
    acknowledge(id, by) {
      if (alertById(store, id)?.resolvedUnixMs !== null) return false;
      acknowledge(store, id, { atUnixMs: now(), ...(by !== undefined && { by }) });
      return true;
    },
  };
}
