/** Small parts that say of a run how it ended and when it was. */
import type { RunSummary } from '../../src/model/report.ts';
import { unixMsFromNano } from '../../src/model/time.ts';
import { el } from '../element.ts';
import { ago } from './ago.ts';

const SIGN = { ok: '●', failed: '✕', running: '◌' } as const;

export const statusSign = (status: RunSummary['status']): HTMLElement =>
  el(
    'span',
    { class: `status ${status}` },
    el('span', { class: 'status-mark', 'aria-hidden': true }, SIGN[status]),
    status,
  );

export const startOf = (run: Pick<RunSummary, 'startUnixNano'>): Date =>
  new Date(unixMsFromNano(BigInt(run.startUnixNano)));

export function whenItWas(run: Pick<RunSummary, 'startUnixNano'>): HTMLElement {
  const started = startOf(run);
  return el(
    'time',
    { datetime: started.toISOString(), title: started.toLocaleString() },
    ago(started.getTime(), Date.now()),
  );
}

export function refreshAges(within: Element): void {
  for (const time of within.querySelectorAll('time'))
    time.textContent = ago(Date.parse(time.dateTime), Date.now());
}
