/** What `run` and `schedule` share: the options of a walk, and a journey walked, observed and sent on. */
import type { Command } from 'commander';
import type { Journey } from '../../probe/journey.ts';
import type { ProbeOptions } from '../../probe/run-journey.ts';
import type { Collector } from '../collect/collector.ts';
import { type ExportTargets, forward } from '../export/exporters.ts';
import type { RunView } from '../model/report.ts';
import { agentWitness } from '../run/agents.ts';
import { observe } from '../run/observe.ts';
import { usualFrom } from '../run/usual.ts';
import type { Store } from '../store/store.ts';
import { say } from './console.ts';
import { type DnsMode, dnsMode } from './dns-option.ts';
import { collect, httpAddress, milliseconds } from './options.ts';
import { probeOptions } from './probe-options.ts';
import { backendWitnesses } from './traces-from.ts';

export interface ObservingOptions extends ExportTargets {
  readonly headed?: boolean;
  readonly filmstrip: boolean;
  readonly dns: DnsMode;
  readonly traceOrigin?: readonly string[];
  readonly pin?: readonly string[];
  readonly settle: number;
  readonly tracesFrom?: readonly string[];
  readonly agent?: readonly string[];
}

export const addObserving = (command: Command): Command =>
  command
    .option('--headed', 'show the browser')
    .option('--no-filmstrip', 'take no pictures of the page')
    .option('--dns <mode>', 'system, forward, or forward=SERVER[,SERVER]', dnsMode, { mode: 'system' })
    .option('--trace-origin <origin>', 'one more origin that may receive traceparent (repeatable)', collect)
    .option('--pin <sha256>', 'trust the certificate with this SPKI pin (repeatable)', collect)
    .option('--settle <ms>', "wait this long for the servers' reports", milliseconds, 6_000)
    .option('--otlp-endpoint <address>', "send the run's spans on to this OTLP/HTTP receiver", httpAddress)
    .option('--jaeger-endpoint <address>', "send the run's spans on to this Jaeger collector", httpAddress);

export interface ObservedWalk {
  readonly journey: Journey;
  readonly baseUrl: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** `false`: only `signal` ends it. */
  readonly heedsTerminal?: boolean;
  readonly onStep?: ProbeOptions['onStep'];
  readonly onSettling?: () => void;
}

/**
 * @param collector flushed while the servers' reports are awaited; without it somebody else receives
 * @param viewer address of the viewer that shows the runs
 */
export function observer(
  store: Store,
  options: ObservingOptions,
  collector: Collector | undefined,
  viewer: string | undefined,
): (walk: ObservedWalk) => Promise<RunView> {
  const witnesses = [
    ...backendWitnesses(options.tracesFrom ?? [], store),
    ...(options.agent ?? []).map((address) => agentWitness(address, process.env.HEADWATER_AGENT_TOKEN)),
  ];
  return async ({ journey, signal, onSettling, onStep, ...walk }) => {
    const view = await observe({
      journey,
      probe: probeOptions({ ...options, ...walk }, signal, onStep),
      store,
      witnesses,
      usual: usualFrom(store),
      settle: {
        quietMs: Math.min(1_000, options.settle),
        atLeastMs: options.settle,
        atMostMs: options.settle * 2,
        signal,
        ...(collector ? { flush: () => collector.flush() } : {}),
      },
      ...(onSettling ? { onSettling } : {}),
      ...(viewer === undefined ? {} : { viewerUrl: (traceId) => `${viewer}/run/${traceId}` }),
    });
    for (const note of await forward(store.spans(view.report.traceId), options)) say(note);
    return view;
  };
}
