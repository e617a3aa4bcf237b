/** From a command's options to the probe's. */

import type { ProbeOptions } from '../../probe/run-journey.ts';
import { formatDuration, nanosFromMs } from '../model/time.ts';
import { sayDone, sayFailed } from './console.ts';

export interface CommandProbeOptions {
  readonly baseUrl: string;
  readonly headed?: boolean;
  readonly dns: NonNullable<ProbeOptions['dns']>;
  readonly traceOrigin?: readonly string[];
  readonly pin?: readonly string[];
  readonly timeout: number;
  readonly filmstrip?: boolean;
  readonly heedsTerminal?: boolean;
}

export const probeOptions = (
  options: CommandProbeOptions,
  signal: AbortSignal,
  onStep: ProbeOptions['onStep'],
): ProbeOptions => ({
  baseUrl: options.baseUrl,
  headless: !options.headed,
  dns: options.dns,
  pins: options.pin ?? [],
  allowOrigins: options.traceOrigin ?? [],
  timeoutMs: options.timeout,
  filmstrip: options.filmstrip ?? false,
  heedsTerminal: options.heedsTerminal ?? true,
  signal,
  onStep,
});

/** One line a step, when it ends. */
export const stepTeller = (): NonNullable<ProbeOptions['onStep']> => (step) => {
  if (step.state !== 'ended') return;
  const took = formatDuration(nanosFromMs(step.ms ?? 0));
  if (step.status === 'failed') sayFailed(`${step.name} (${took})`);
  else sayDone('step', `${step.name}, ${took}`);
};
