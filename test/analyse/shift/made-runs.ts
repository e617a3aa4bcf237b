/** Runs made by hand: a checkout of two steps whose layers take about the same each time. */
import type { LedgerEntry } from '../../../src/model/report.ts';
import type { ShiftRun } from '../../../src/model/shift.ts';
import { randomFrom } from '../../eval/random.ts';

const MS = 1e6;
const FIRST_UNIX_MS = Date.UTC(2024, 2, 4, 8);
export const EVERY_MS = 300_000;

export const startOf = (at: number): number => FIRST_UNIX_MS + at * EVERY_MS;

export interface Given {
  readonly at: number;
  readonly unixMs?: number;
  readonly status?: 'ok' | 'failed';
  readonly conditions?: string;
  /** All work takes so many times as long. */
  readonly pace?: number;
  /** In ms, by `step|layer|component|cause`; instead of what is there, or beside it. */
  readonly parts?: Readonly<Record<string, number>>;
}

const USUAL: Readonly<Record<string, number>> = {
  'Open|dns|ns1.example (10.0.0.1:5353)|dns.lookup': 20,
  'Open|tls|cdn.example:443|tls.handshake': 30,
  'Open|network|browser → edge|network.back': 60,
  'Open|browser|main thread|browser.main_thread': 120,
  'Open|browser|playwright|browser.automation': 90,
  'Pay|service|pay-1|service.work': 40,
  'Pay|db|postgresql|db.execute': 25,
  'Pay|browser|main thread|browser.main_thread': 60,
  'Pay|think|visitor|think': 500,
};

/** The same run every time for the same `at`. */
export function runAt({
  at,
  unixMs,
  status = 'ok',
  conditions = 'cold',
  pace = 1,
  parts = {},
}: Given): ShiftRun {
  const random = randomFrom(`run ${at} ${conditions}`);
  const ledgers = new Map<string, LedgerEntry[]>();
  for (const [key, ms] of Object.entries({ ...USUAL, ...parts })) {
    const [step = '', layer, component = '', cause = ''] = key.split('|');
    const ns = Math.round(ms * MS * pace * (0.95 + 0.1 * random()));
    const entry = {
      layer: layer as LedgerEntry['layer'],
      component,
      cause,
      ns,
      evidence: 'measured',
      spanIds: [],
    } as const;
    ledgers.set(step, [...(ledgers.get(step) ?? []), entry]);
  }
  const steps = [...ledgers].map(([name, ledger]) => ({ name, status, wallNs: sumOf(ledger), ledger }));
  const ledger = steps.flatMap((step) => step.ledger);
  return {
    traceId: at.toString(16).padStart(32, '0'),
    ...{ journey: 'checkout', site: 'shop.example', conditions, status, ledger, steps },
    startUnixNano: String(BigInt(unixMs ?? startOf(at)) * 1_000_000n),
    wallNs: sumOf(ledger),
  };
}

const sumOf = (ledger: readonly LedgerEntry[]): number => ledger.reduce((sum, { ns }) => sum + ns, 0);

/** `before` usual runs, then `after` changed ones. */
export const rowWith = (before: number, after: number, change: Omit<Given, 'at'>): ShiftRun[] =>
  Array.from({ length: before + after }, (_, at) => runAt(at < before ? { at } : { at, ...change }));
