/** Walks a replay's journey several times under given conditions, and stores the runs. */

import type { StorageState } from '../../probe/conditions.ts';
import type { Journey } from '../../probe/journey.ts';
import type { Collector } from '../collect/collector.ts';
import type { RunView } from '../model/report.ts';
import { RUN_RECORDING } from '../model/run-conditions.ts';
import type { Conditions } from '../replay/conditions.ts';
import { slowStep } from '../replay/judge.ts';
import { nodeWitness } from '../replay/run/node-profiler.ts';
import { conditionOptions, dnsFrom } from '../replay/run/probe-conditions.ts';
import { agentWitness } from '../run/agents.ts';
import { observe } from '../run/observe.ts';
import { usualFrom } from '../run/usual.ts';
import type { Witness } from '../run/witness.ts';
import type { Store } from '../store/store.ts';
import type { DnsMode } from './dns-option.ts';
import { type CommandProbeOptions, probeOptions } from './probe-options.ts';
import { backendWitnesses } from './traces-from.ts';

export interface SeriesOptions extends Omit<CommandProbeOptions, 'baseUrl' | 'dns'> {
  readonly dns?: DnsMode;
  readonly settle: number;
  readonly port: number;
  readonly tracesFrom?: readonly string[];
  readonly agent?: readonly string[];
  readonly profile?: boolean;
  readonly profileNode?: readonly string[];
  readonly unsafe?: boolean;
  readonly storageState?: StorageState;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Series {
  readonly journey: Journey;
  readonly baseUrl: string;
  readonly digest: string;
  readonly original?: RunView;
  readonly store: Store;
  readonly collector: Collector | undefined;
  readonly isServing: boolean;
  readonly signal: AbortSignal;
  readonly options: SeriesOptions;
}

/** One run; everything it needs is settled before. @throws Error when there is no browser, or no certificate to trust */
export async function walkOnce(series: Series, conditions: Conditions): Promise<RunView> {
  const { journey, baseUrl, digest, store, collector, signal, options } = series;
  const applied = await conditionOptions(conditions, baseUrl);
  const { storageState, headers, unsafe } = options;
  const step = series.original && slowStep(series.original);
  const nodes = (options.profileNode ?? []).map((address) => nodeWitness(address, step));
  const probe = probeOptions(
    { ...options, baseUrl, dns: options.dns ?? dnsFrom(conditions.dns) ?? { mode: 'system' } },
    signal,
    (news) => {
      for (const node of nodes) node.onStep(news);
    },
  );
  return observe({
    journey,
    probe: {
      ...probe,
      ...applied,
      ...(options.profile && { profile: step === undefined ? {} : { step } }),
      pins: [...(applied.pins ?? []), ...(probe.pins ?? [])],
      conditions: {
        ...applied.conditions,
        headers,
        exchanges: true,
        holdUnsafe: !unsafe,
        ...(storageState && { storageState }),
      },
      runAttributes: { [RUN_RECORDING]: digest },
    },
    store,
    witnesses: [...witnessesOf(options, store), ...nodes],
    usual: usualFrom(store),
    settle: {
      quietMs: Math.min(1_000, options.settle),
      atLeastMs: options.settle,
      atMostMs: options.settle * 2,
      signal,
      ...(collector ? { flush: () => collector.flush() } : {}),
    },
    ...(series.isServing
      ? { viewerUrl: (traceId: string) => `http://127.0.0.1:${options.port}/run/${traceId}` }
      : {}),
  });
}

const witnessesOf = ({ tracesFrom, agent }: SeriesOptions, store: Store): Witness[] => [
  ...backendWitnesses(tracesFrom ?? [], store),
  ...(agent ?? []).map((address) => agentWitness(address, process.env.HEADWATER_AGENT_TOKEN)),
];
