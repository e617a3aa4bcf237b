/** Which signals share an alert: those with the same guilty part; where nobody is guilty, those of a journey. */
import { causeInWords } from '../model/cause-words.ts';
import { LAYER_NAME } from '../model/layer.ts';
import type { Guilty, Signal } from '../model/signal.ts';

export function groupOf({ guilty, journey, site }: Pick<Signal, 'guilty' | 'journey' | 'site'>): string {
  return guilty
    ? JSON.stringify(['part', guilty.layer, guilty.component, guilty.cause])
    : JSON.stringify(['journey', journey, site]);
}

/** Signals by group. Of two with one key in a group the graver counts, whichever came first in the list. */
export function byGroup(signals: readonly Signal[]): Map<string, Map<string, Signal>> {
  const groups = new Map<string, Map<string, Signal>>();
  for (const signal of signals) {
    const group = groupOf(signal);
    const members = groups.get(group) ?? new Map<string, Signal>();
    groups.set(group, members);
    const twin = members.get(signal.key);
    if (!twin || counts(signal, twin)) members.set(signal.key, signal);
  }
  return groups;
}

/** Of two that are as grave any will do, as long as the list's order does not matter. */
const counts = (a: Signal, b: Signal): boolean =>
  a.severity === b.severity ? JSON.stringify(a) < JSON.stringify(b) : a.severity === 'page';

/** `lock wait at postgresql (database)` */
export function partInWords({ layer, component, cause }: Guilty): string {
  const where = component ? ` at ${component}` : '';
  return `${causeInWords(cause)}${where} (${LAYER_NAME[layer]})`;
}
