/** What the examples' servers hold: each stock is a store of its own, in memory, filled when first asked for. */
import type { RunSummary, RunView } from '../../src/model/report.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { ORIGIN_UNIX_NANO, runSummary, runView, TRACE_ID } from '../fixtures/run-view.ts';
import { exampleFrameFiles } from '../fixtures/run-view-pipes.ts';
import { readViewFile } from '../fixtures/view-file.ts';
import { fillWithGoals } from './goal-stock.ts';

/** Trace ids of the runs, for the examples' addresses. */
export const RUN = {
  shop: TRACE_ID,
  failed: 'fa11ed'.padEnd(32, '0'),
  hostile: 'badbad'.padEnd(32, '0'),
  single: '51261e'.padEnd(32, '0'),
  pathless: '0ff0ff'.padEnd(32, '0'),
  empty: 'e0e0e0'.padEnd(32, '0'),
  many: 'aaaa11'.padEnd(32, '0'),
  running: 'b00b1e'.padEnd(32, '0'),
  profiled: 'c0ffee'.padEnd(32, '0'),
  realQuiet: readViewFile('quiet').view.report.traceId,
  realLock: readViewFile('lock').view.report.traceId,
  realFailed: readViewFile('failed').view.report.traceId,
} as const;

const MINUTE_NS = 60_000_000_000n;

/** The same run, so many minutes earlier. */
const earlier = (view: RunView, minutes: number): RunView => ({
  ...view,
  report: { ...view.report, startUnixNano: String(BigInt(ORIGIN_UNIX_NANO) - BigInt(minutes) * MINUTE_NS) },
});

/** Nothing but the run's own span: a trace of which only the browser told. */
function singleSpan(): RunView {
  const view = runView({ traceId: RUN.single });
  const root = view.trace.spans.filter((span) => span.spanId === view.trace.rootId);
  const ledger = [
    {
      layer: 'unknown',
      component: 'unknown',
      cause: 'unknown',
      ns: view.report.wallNs,
      evidence: 'inferred',
      spanIds: root.map((span) => span.spanId),
    },
  ] as const;
  const verdict = {
    ...view.report.verdict,
    ...ledger[0],
    sentence: 'checkout took 2.61 s, and nobody told of what.',
    evidence: 'No part of the run reported a span.',
    next: 'Look at what is seen, and reveal a layer.',
    spanIds: ledger[0].spanIds,
  };
  return {
    ...view,
    path: [],
    frames: [],
    lanes: [],
    trace: { ...view.trace, spans: root },
    report: { ...view.report, ledger, steps: [], coverage: [], unknownNs: view.report.wallNs, verdict },
  };
}

/** What an import brings: spans of servers, and nobody who says what the run waited for. */
function pathless(): RunView {
  const view = runView({ traceId: RUN.pathless });
  return { ...view, path: [], frames: [], lanes: [], report: { ...view.report, ledger: [], steps: [] } };
}

function spanless(): RunView {
  const view = runView({ traceId: RUN.empty });
  const report = {
    ...view.report,
    status: 'failed' as const,
    error: 'no answer',
    wallNs: 0,
    ledger: [],
    steps: [],
    verdict: {
      layer: 'unknown' as const,
      component: 'unknown',
      cause: 'unknown',
      ns: 0,
      sentence: 'checkout failed before anything was seen of it.',
      evidence: 'No part of the run reported a span.',
      next: 'Run it again, and look whether the site answers.',
      spanIds: [],
    },
  };
  return {
    ...view,
    path: [],
    frames: [],
    lanes: [],
    trace: { ...view.trace, spans: [] },
    report: { ...report, coverage: [], clocks: [], warnings: [] },
  };
}

/** Replayed with a profile of its page and of a service. */
function profiled(): RunView {
  const view = runView({ traceId: RUN.profiled });
  const fn = (name: string, url: string, line: number, selfMs: number, totalMs: number) => ({
    ...{ name, url, line },
    ...{ selfNs: selfMs * 1e6, totalNs: totalMs * 1e6 },
  });
  return {
    ...view,
    hot: [
      {
        ...{ layer: 'browser', component: 'main thread', cause: 'browser.long_task' },
        ...{ thread: 'main thread of the page', ns: 151e6, sampledNs: 149e6 },
        functions: [
          fn('priceOf', 'https://shop.example/assets/cart.js', 112, 93, 93),
          fn('render', 'https://shop.example/assets/cart.js', 40, 41, 134),
          fn('(garbage collector)', '', 0, 15, 15),
        ],
      },
      {
        ...{ layer: 'service', component: 'web', cause: 'service.cpu_block' },
        ...{ thread: 'Node.js, process 4711', ns: 62e6, sampledNs: 60e6 },
        functions: [
          fn(
            '(anonymous)',
            'file:///srv/web/node_modules/a-long-name-of-a-package/lib/deep/inside/serialise.js',
            9,
            60,
            60,
          ),
        ],
      },
    ],
  };
}

const FILLS = {
  empty: () => {},
  /** Every hand-made and every recorded run. */
  runs: (store: Store) => {
    for (const name of ['quiet', 'lock', 'failed']) {
      const { view, files } = readViewFile(name);
      store.saveRun(view);
      store.attach(view.report.traceId, files);
    }
    const made = [
      spanless(),
      pathless(),
      singleSpan(),
      runView({ traceId: RUN.hostile, hostile: true }),
      runView({ traceId: RUN.failed, failed: true }),
      runView(),
    ];
    made.forEach((view, i) => {
      store.saveRun(earlier(view, (made.length - i) * 7));
      store.attach(view.report.traceId, exampleFrameFiles());
    });
    store.startRun(runningRun());
  },
  profiled: (store: Store) => store.saveRun(profiled()),
  goals: fillWithGoals,
  many: (store: Store) => store.saveRun(runView({ traceId: RUN.many, spans: 5_000 })),
} as const satisfies Record<string, (store: Store) => void>;

const runningRun = (): RunSummary =>
  runSummary(runView({ traceId: RUN.running }), { status: 'running', layers: {}, wallNs: 0, sentence: '' });

export type StockName = keyof typeof FILLS;

const filled = new Map<StockName, Store>();

export function stock(name: StockName): Store {
  const kept = filled.get(name);
  if (kept) return kept;
  const store = openStore(':memory:');
  FILLS[name](store);
  filled.set(name, store);
  return store;
}
