/** A signal without the secrets that can be recognised, before it is kept. */
import { redactText } from '../model/redact.ts';
import type { Signal } from '../model/signal.ts';

/** Those of judged journeys as those of signals, or they would not be the same. */
export const cleanNames = ({ journey, site }: Pick<Signal, 'journey' | 'site'>) => ({
  journey: redactText(journey),
  site: redactText(site),
});

export const cleanSignal = (signal: Signal): Signal => ({
  ...signal,
  ...cleanNames(signal),
  step: signal.step === null ? null : redactText(signal.step),
  sentence: redactText(signal.sentence),
  evidence: redactText(signal.evidence),
  next: redactText(signal.next),
  change: redactText(signal.change),
  ...(signal.guilty && {
    guilty: { ...signal.guilty, component: redactText(signal.guilty.component) },
  }),
});
