/**
 * How long the first screens wait for a store of many runs: list, search, journeys, a journey's history, /metrics, each
 * asked of the real server's app as the viewer and Prometheus ask. Prints one line of JSON.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../src/analyse/analyse.ts';
import type { KeepPolicy } from '../../src/model/keeping.ts';
import type { RunView } from '../../src/model/report.ts';
import { Keeper } from '../../src/run/keeper.ts';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { generateTrace } from './generate.ts';

export interface Asked {
  readonly medianMs: number;
  readonly longestMs: number;
  /** Of the answer; 0 when there is none. */
  readonly kb: number;
}

export interface ManyRuns {
  readonly runs: number;
  /** Median and longest of all rounds, by what was asked. */
  readonly asked: Readonly<Record<string, Asked>>;
  /** A sweep that finds nothing to drop: what keeping costs after each run. */
  readonly sweep: Asked;
}

const JOURNEYS = 10;
const SITES = 2;
const SPANS_A_RUN = 200;
const MINUTE_NS = 60_000_000_000n;
const ROUNDS = 15;
const FAILED_EVERY = 40;
const POLICY: KeepPolicy = { days: 365, failedDays: 365, ordinary: 1, sizeBytes: 1e12 };

const ASKED: Readonly<Record<string, string>> = {
  list: '/api/runs',
  'list, 1 000': '/api/runs?limit=1000',
  search: '/api/runs?q=nothing%20stands%20out',
  'search in vain': '/api/runs?q=no-such-word',
  failed: '/api/runs?status=failed',
  journeys: '/api/journeys',
  history: '/api/journeys/history?journey=journey%203',
  metrics: '/metrics',
};

/** Memory where there is some: what is measured is reading, and filling waits for a disk 10 000 times. */
const folderFor = (): string =>
  mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'headwater-runs-'));

function fill(store: Store, runs: number): void {
  const trace = stitch(generateTrace({ spans: SPANS_A_RUN }))!;
  const { report, path } = analyse(trace);
  const start = BigInt(Date.now()) * 1_000_000n - BigInt(runs) * MINUTE_NS;
  for (let n = 0; n < runs; n++) {
    const traceId = n.toString(16).padStart(32, 'b');
    const view: RunView = {
      path,
      trace: { ...trace, traceId },
      site: `site-${n % SITES}.example`,
      madeOf: 0,
      report: {
        ...report,
        traceId,
        journey: `journey ${(n >> 1) % JOURNEYS}`,
        status: n % FAILED_EVERY === 0 ? 'failed' : 'ok',
        startUnixNano: String(start + BigInt(n) * MINUTE_NS),
        wallNs: report.wallNs + (n % 97) * 1e6,
      },
    };
    store.saveRun(view);
  }
}

async function measure(runs: number): Promise<ManyRuns> {
  const folder = folderFor();
  const store = openStore(join(folder, 'headwater.db'));
  try {
    fill(store, runs);
    const app = createApp({ store: reopening(store) });
    const asked: Record<string, Asked> = {};
    for (const [what, path] of Object.entries(ASKED))
      asked[what] = await timed(async () => {
        const answer = await app.request(`http://127.0.0.1${path}`);
        if (!answer.ok) throw new Error(`${path} was answered ${answer.status}`);
        return (await answer.text()).length;
      });
    const keeper = new Keeper({ store, policy: POLICY });
    return { runs, asked, sweep: await timed(async () => keeper.sweep().dropped.length) };
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** @param ask gives how many bytes came */
async function timed(ask: () => Promise<number>): Promise<Asked> {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    bytes = await ask();
    times.push(performance.now() - startMs);
  }
  times.sort((x, y) => x - y);
  return { medianMs: times[ROUNDS >> 1]!, longestMs: times.at(-1)!, kb: bytes / 1_000 };
}

process.stdout.write(`${JSON.stringify(await measure(Number(process.argv[2])))}\n`);
