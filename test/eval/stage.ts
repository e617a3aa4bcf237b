/** Where cases are run: collector, store and agent once for all of them, a shop for each, a browser for each run. */
import checkout from '../../scenarios/checkout.ts';
import { parseFault } from '../../scenarios/faults/index.ts';
import { type Injection, readInjected } from '../../scenarios/shop/injected.ts';
import type { ProxyRequest } from '../../scenarios/shop/proxy.ts';
import type { DatabaseSystem } from '../../scenarios/shop/settings.ts';
import { type Shop, startShop } from '../../scenarios/shop/start.ts';
import { type JudgedRun, normalOf } from '../../src/analyse/normal.ts';
import { startAgentProcess } from '../../src/cli/agent-process.ts';
import { storeSink } from '../../src/cli/receivers.ts';
import { type Collector, startCollector } from '../../src/collect/collector.ts';
import type { RunReport } from '../../src/model/report.ts';
import { agentWitness } from '../../src/run/agents.ts';
import { observe } from '../../src/run/observe.ts';
import { makeRunView } from '../../src/run/run-view.ts';
import type { Witness } from '../../src/run/witness.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { type Judged, judge, judgeCompared } from './judge.ts';
import type { Case } from './plan.ts';

export interface StageOptions {
  readonly storePath: string;
  readonly proxy: ProxyRequest['kind'];
  readonly database: DatabaseSystem;
  readonly signal: AbortSignal;
  /** Traces of the store's runs that show what is usual; those of cases of that kind are added. */
  readonly usual?: readonly string[];
}

export interface Stage {
  startShop(asked: Case): Promise<RunningCase>;
  stop(): Promise<void>;
}

export interface RunningCase {
  /** Walks the journey once. Rejects when the environment lacks something, never because the journey failed. */
  run(): Promise<{ traceId: string; judged: Judged; compared?: Judged }>;
  stop(): Promise<void>;
}

/** The shop's services export every 150 ms; its proxy and database log at once. */
const SETTLE = { quietMs: 300, atLeastMs: 450, atMostMs: 8_000 } as const;
/** Ten times what it takes: a journey that hangs fails soon. */
const JOURNEY_LIMIT_MS = 20_000;
/** Browser, journey and the wait for its servers; whoever takes longer is stuck, and must not stop the rest. */
const RUN_LIMIT_MS = 90_000;

export async function openStage(options: StageOptions): Promise<Stage> {
  const store = openStore(options.storePath);
  const agent = process.platform === 'linux' ? await startAgentProcess() : undefined;
  const witnesses = agent ? [agentWitness(agent.url)] : [];
  const usual = (options.usual ?? []).flatMap((traceId) => store.outline(traceId)?.report ?? []);
  return {
    startShop: (asked) => startCase(asked, { store, witnesses, usual, options }),
    async stop() {
      await agent?.stop();
      store.close();
    },
  };
}

interface Equipment {
  readonly store: Store;
  readonly witnesses: readonly Witness[];
  /** Reports of quiet runs, the more the longer the stage is open. */
  readonly usual: JudgedRun[];
  readonly options: StageOptions;
}

/** The collector is the shop's own too: it follows the log of a database that is gone with the shop. */
async function startCase(asked: Case, equipment: Equipment): Promise<RunningCase> {
  const { store, options } = equipment;
  const collector = await startCollector({
    sink: storeSink(store),
    otlpHttpPort: 0,
    otlpGrpcPort: 0,
    syslogPort: 0,
  });
  try {
    const shop = await startShop({
      otlpUrl: `http://127.0.0.1:${collector.ports.otlpHttp}`,
      otlpGrpcPort: collector.ports.otlpGrpc,
      syslogPort: collector.ports.syslog ?? 0,
      faults: asked.faults.map(({ name, ms }) => parseFault(`${name}=${ms}`)),
      proxy: options.proxy,
      database: options.database,
    });
    collector.followLog(shop.databaseLog);
    const stop = () => shop.stop().finally(() => collector.stop());
    return { run: () => walk(asked, shop, collector, equipment), stop };
  } catch (error) {
    await collector.stop();
    throw error;
  }
}

async function walk(asked: Case, shop: Shop, collector: Collector, equipment: Equipment) {
  const { store, witnesses, options } = equipment;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(RUN_LIMIT_MS)]);
  const { report } = await observe({
    journey: checkout,
    probe: {
      baseUrl: shop.url,
      dns: { mode: 'iterative', roots: [...shop.dnsRoots] },
      pins: shop.pins,
      timeoutMs: JOURNEY_LIMIT_MS,
      filmstrip: true,
      signal,
    },
    store,
    witnesses,
    settle: { ...SETTLE, signal, flush: () => collector.flush() },
  });
  return {
    traceId: report.traceId,
    ...judgements(asked, report, readInjected(shop.injectedFile), equipment),
  };
}

/** By itself, and beside the quiet runs: the same spans, stitched and analysed once more. */
function judgements(
  asked: Case,
  report: RunReport,
  injections: readonly Injection[],
  { store, usual }: Equipment,
): { judged: Judged; compared?: Judged } {
  const judged = judge(asked, report, injections);
  if (asked.kind === 'usual') {
    usual.push(report);
    return { judged };
  }
  const normal = normalOf(usual);
  const facts = { overhead: report.overhead, ...(report.error !== undefined && { error: report.error }) };
  const beside = normal && makeRunView(report.traceId, store, facts, () => normal);
  return { judged, ...(beside && { compared: judgeCompared(asked, beside.report, injections) }) };
}
