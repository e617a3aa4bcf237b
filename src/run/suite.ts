/**
 * A Playwright suite: every try of every test becomes a run, made while the next tests are on as far as its browser has
 * told all, and the rest when the suite is over. The servers are waited for once, for all of them together, and runs
 * that they had something to say of are made again.
 *
 * ```
 * // tests    |--1--|--2--|--3--|--4--|
 * // servers      * *   * *
 * // runs             |1|   |2|          |3||4| wait for servers |2|
 * ```
 * A run whose servers may tell something is made once they have, or had the time to.
 */

import { setTimeout as delay, setImmediate as othersTurn } from 'node:timers/promises';
import type { TestTry } from '../../probe/suite/test-record.ts';
import { type TestResult, TestResults } from '../../probe/suite/test-results.ts';
import type { RunFacts } from '../analyse/analyse.ts';
import { redactText } from '../model/redact.ts';
import type { RunReport, RunView } from '../model/report.ts';
import { namedTraceIds } from '../stitch/named-traces.ts';
import type { Store } from '../store/store.ts';
import { mayBeTold } from './awaited.ts';
import { hasMore } from './named-traces.ts';
import { makeRunView } from './run-view.ts';
import { type SettleOptions, settle } from './settle.ts';
import { strangersOfEach } from './strangers.ts';
import { usualFrom } from './usual.ts';
import type { Testimony, Witness } from './witness.ts';

export interface SuiteOptions {
  readonly folder: string;
  readonly store: Store;
  readonly viewerUrl?: (traceId: string) => string;
  /** A clock that only goes on, in milliseconds. */
  readonly nowMs?: () => number;
}

/** Of a suite that is over. */
export interface SettleSuite {
  /** Without it nobody is waited for: what servers tell later is part of a run when it is next looked at. */
  readonly settle?: SettleOptions;
  readonly witnesses?: readonly Witness[];
  /** The store's last batch when the suite began: servers that know none of its traces are looked for from there. */
  readonly sinceChunk?: number;
  readonly onSettling?: () => void;
}

export interface TestRun {
  readonly test: TestTry;
  readonly report: RunReport;
}
/** Of a test whose spans are in the store: those of a thousand tests would not fit here. */
type KeptTest = Pick<TestResult, 'traceId' | 'test' | 'startUnixNano'> & {
  readonly facts: RunFacts;
  readonly keptMs: number;
  /** Traces of servers that its requests name. */
  readonly named: readonly string[];
  /** Or they were asked. */
  readonly maySpeak: boolean;
  /** As it was made last. */
  made?: Pick<RunView, 'report' | 'madeOf' | 'named'>;
};

/** Others that write to the store wait for one at a time. */
const TESTS_A_WRITE = 50;
const LOOK_MS = 250;
/** OpenTelemetry's SDKs send what they have every 5 s. */
const SERVERS_SEND_MS = 6_000;
/** Who has begun to tell, has told after this. */
const SERVERS_TELL_MS = 1_000;

export class SuiteKeeper {
  private readonly options: SuiteOptions;
  private readonly results: TestResults;
  private readonly kept: KeptTest[] = [];
  private readonly nowMs: () => number;

  constructor(options: SuiteOptions) {
    this.options = options;
    this.results = new TestResults(options.folder);
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  /** How many tests' spans are in the store. */
  get count(): number {
    return this.kept.length;
  }

  /** Makes runs while the tests are on. */
  async keepUntil<T>(over: Promise<T>): Promise<T> {
    let isOver = false;
    const ended = over.finally(() => {
      isOver = true;
    });
    ended.catch(() => undefined);
    try {
      while (!isOver) {
        await this.keepReady();
        await Promise.race([ended, delay(LOOK_MS, undefined, { ref: false })]);
      }
    } catch (error) {
      // The tests go on, whatever happens to their runs.
      await ended;
      throw error;
    }
    return ended;
  }

  /** Makes the runs of tests of which all is known. */
  async keepReady(): Promise<void> {
    await this.keep(this.results.ready());
    for (const test of this.kept.filter(({ made }) => made === undefined)) {
      if (!this.isDue(test)) continue;
      this.make(test);
      await othersTurn();
    }
  }

  private isDue({ traceId, named, maySpeak, keptMs }: KeptTest): boolean {
    const sinceMs = this.nowMs() - keptMs;
    if (!maySpeak || sinceMs >= SERVERS_SEND_MS) return true;
    // Its own spans are one batch.
    return sinceMs >= SERVERS_TELL_MS && this.options.store.lastAppend([traceId, ...named]).chunks > 1;
  }

  /** The suite is over: keeps the rest, waits for the servers, and tells of all in the order in which they began. */
  async finish(options: SettleSuite = {}): Promise<TestRun[]> {
    await this.keep(this.results.rest());
    this.results.close();
    if (options.settle && this.count > 0) {
      options.onSettling?.();
      await settleTogether(this.kept, this.options.store, options.settle, options);
    }
    const runs: TestRun[] = [];
    for (const test of this.kept.sort((a, b) => (a.startUnixNano < b.startUnixNano ? -1 : 1))) {
      const report = this.isMade(test) ? test.made?.report : this.make(test);
      if (report) runs.push({ test: test.test, report });
      await othersTurn();
    }
    return runs;
  }

  private isMade({ traceId, made }: KeptTest): boolean {
    const { store } = this.options;
    if (made?.named && hasMore(made.named, store)) return false;
    return made !== undefined && made.madeOf === store.lastAppend(traceId).chunks;
  }

  private make(test: KeptTest): RunReport | undefined {
    const { store } = this.options;
    const view = makeRunView(test.traceId, store, test.facts, usualFrom(store));
    if (!view) return undefined;
    store.saveRun(view);
    const { report, madeOf, named } = view;
    test.made = { report, madeOf, named };
    return view.report;
  }

  /** Many together: each write to the disk takes some milliseconds, whatever is in it. */
  private async keep(results: Iterable<TestResult>): Promise<void> {
    const { store, viewerUrl } = this.options;
    let batch: TestResult[] = [];
    const write = () => {
      store.append(batch.flatMap(({ spans }) => spans));
      for (const { traceId, test, startUnixNano, spans, error, overhead, warnings } of batch) {
        store.warn(traceId, warnings);
        const facts = {
          error: error && redactText(error),
          overhead,
          viewerUrl: viewerUrl?.(traceId) ?? null,
        };
        const named = [...namedTraceIds(spans)];
        const maySpeak = spans.some(mayBeTold);
        this.kept.push({ traceId, test, startUnixNano, facts, keptMs: this.nowMs(), named, maySpeak });
      }
      batch = [];
    };
    for (const result of results) {
      batch.push(result);
      if (batch.length === TESTS_A_WRITE) write();
      await othersTurn();
    }
    if (batch.length > 0) write();
  }
}

/** Complete when nothing came of any test for a while. */
async function settleTogether(
  tests: readonly KeptTest[],
  store: Store,
  rules: SettleOptions,
  { witnesses = [], sinceChunk }: SettleSuite,
): Promise<void> {
  const all = tests.map(({ traceId }) => traceId);
  const strangers = sinceChunk === undefined ? undefined : strangersOfEach(all, store, sinceChunk);
  const heard = [...new Set(tests.flatMap(({ traceId, named }) => [traceId, ...named]))];
  // Of a large suite they are many: counted again only when anything came.
  let [counted, last] = [-1, { chunks: 0, lastReceivedUnixMs: 0 }];
  const arrivals = () => {
    const chunk = store.lastChunk();
    if (chunk !== counted) [counted, last] = [chunk, store.lastAppend(heard)];
    return last;
  };
  await settle(
    '',
    { lastAppend: arrivals },
    {
      ...rules,
      flush: async () => {
        await rules.flush?.();
        for (const traceId of all)
          for (const witness of [...witnesses, strangers?.get(traceId)]) {
            const told = await witness?.ask?.(traceId);
            if (told) keepTold(traceId, told, store);
          }
      },
    },
  );
}

function keepTold(traceId: string, { spans, warnings, files = [] }: Testimony, store: Store): void {
  store.append(spans);
  store.attach(traceId, files);
  store.warn(traceId, warnings);
}
