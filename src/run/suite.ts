/**
 * A Playwright suite that has ended: every try of every test becomes a run. The servers are waited for once, for all
 * of them together, and stitching comes last, so that no test is held up by its own trace.
 */

import type { TestTry } from '../../probe/suite/test-record.ts';
import { type TestResult, testResults } from '../../probe/suite/test-results.ts';
import { redactText } from '../model/redact.ts';
import type { RunReport } from '../model/report.ts';
import type { Store } from '../store/store.ts';
import { makeRunView } from './run-view.ts';
import { type SettleOptions, settle } from './settle.ts';
import { strangersOfEach } from './strangers.ts';
import { usualFrom } from './usual.ts';
import type { Testimony, Witness } from './witness.ts';

export interface SuiteOptions {
  readonly folder: string;
  readonly store: Store;
  /** Without it nobody is waited for: what servers tell later is part of a run when it is next looked at. */
  readonly settle?: SettleOptions;
  readonly witnesses?: readonly Witness[];
  /** The store's last batch when the suite began: servers that know none of its traces are looked for from there. */
  readonly sinceChunk?: number;
  readonly onSettling?: (tests: number) => void;
  readonly viewerUrl?: (traceId: string) => string;
}

export interface TestRun {
  readonly test: TestTry;
  readonly report: RunReport;
}
/** Of a test whose spans are in the store: those of a thousand tests would not fit here. */
type KeptResult = Omit<TestResult, 'spans'>;

/** Others that write to the store wait for one at a time. */
const TESTS_A_WRITE = 50;

export async function keepSuite(options: SuiteOptions): Promise<TestRun[]> {
  const results = keepResults(options);
  if (options.settle && results.length > 0) {
    options.onSettling?.(results.length);
    await settleTogether(results, options.settle, options);
  }
  return results.flatMap((result) => runOf(result, options) ?? []);
}

/** Many together: each write to the disk takes some milliseconds, whatever is in it. */
function keepResults({ folder, store }: SuiteOptions): KeptResult[] {
  const kept: KeptResult[] = [];
  let batch: TestResult[] = [];
  const write = () => {
    store.append(batch.flatMap(({ spans }) => spans));
    for (const { spans: _, ...result } of batch) {
      store.warn(result.traceId, result.warnings);
      kept.push(result);
    }
    batch = [];
  };
  for (const result of testResults(folder)) {
    batch.push(result);
    if (batch.length === TESTS_A_WRITE) write();
  }
  write();
  return kept;
}

/** Complete when nothing came of any test for a while. */
async function settleTogether(
  results: readonly KeptResult[],
  rules: SettleOptions,
  { store, witnesses = [], sinceChunk }: SuiteOptions,
): Promise<void> {
  const all = results.map(({ traceId }) => traceId);
  const strangers = sinceChunk === undefined ? undefined : strangersOfEach(all, store, sinceChunk);
  const together = {
    lastAppend: () => {
      const arrivals = all.map((traceId) => store.lastAppend(traceId));
      return {
        chunks: arrivals.reduce((sum, { chunks }) => sum + chunks, 0),
        lastReceivedUnixMs: Math.max(...arrivals.map((a) => a.lastReceivedUnixMs)),
      };
    },
  };
  await settle('', together, {
    ...rules,
    flush: async () => {
      await rules.flush?.();
      for (const traceId of all)
        for (const witness of [...witnesses, strangers?.get(traceId)]) {
          const told = await witness?.ask?.(traceId);
          if (told) keep(traceId, told, store);
        }
    },
  });
}

function keep(traceId: string, { spans, warnings, files = [] }: Testimony, store: Store): void {
  store.append(spans);
  store.attach(traceId, files);
  store.warn(traceId, warnings);
}

function runOf({ traceId, test, error, overhead }: KeptResult, options: SuiteOptions): TestRun | undefined {
  const facts = {
    error: error && redactText(error),
    overhead,
    viewerUrl: options.viewerUrl?.(traceId) ?? null,
  };
  const view = makeRunView(traceId, options.store, facts, usualFrom(options.store));
  if (!view) return undefined;
  options.store.saveRun(view);
  return { test, report: view.report };
}
