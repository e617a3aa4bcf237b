/** On top of every screen of one run: which run it is, and the ways to look at it. */
import type { RunReport } from '../../src/model/report.ts';
import { unixMsFromNano } from '../../src/model/time.ts';
import { copyText } from '../copy/clipboard.ts';
import { type Child, el, shorten } from '../element.ts';
import { pack } from '../packed.ts';
import { pageHeader } from '../page-header.ts';
import { runsLink } from '../screen.ts';

/** The ways to look at a run: each is a screen with an address below the run's. */
const VIEWS = [
  { view: 'waterfall', name: 'Waterfall', path: '' },
  { view: 'pipes', name: 'Pipes', path: '/pipes' },
  { view: 'walk', name: 'Walkthrough', path: '/walk' },
  { view: 'compare', name: 'Compare', path: '/compare' },
] as const;
export type RunViewName = (typeof VIEWS)[number]['view'];

export type RunIdentity = Pick<RunReport, 'traceId' | 'journey' | 'startUnixNano'>;

export function runHeader(run: RunIdentity, current: RunViewName, tools: readonly Child[] = []): HTMLElement {
  const started = new Date(unixMsFromNano(BigInt(run.startUnixNano)));
  const crumbs = [
    runsLink(),
    el('span', { class: 'slash', 'aria-hidden': true }, '/'),
    el('bdi', { class: 'here' }, shorten(run.journey, 60)),
    el(
      'time',
      { datetime: started.toISOString(), title: started.toISOString() },
      started.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
    ),
    copyButton(run.traceId),
    runViews(run.traceId, current),
  ];
  return pageHeader(crumbs, pack ? [inFile(), ...tools] : tools);
}

/** What a file cannot show is said, not left to be missed. */
const inFile = (): HTMLElement =>
  el(
    'span',
    { class: 'in-file', title: NOT_IN_FILE },
    'a file of one run',
    el('span', { class: 'spoken' }, `. ${NOT_IN_FILE}`),
  );

const NOT_IN_FILE =
  'This file holds one run, and all there is to see of it alone. Comparing it, its journey\u2019s other runs, and runs under way need the server that made it.';

function runViews(traceId: string, current: RunViewName): HTMLElement {
  // A file that carries one run has no other to compare it with.
  const links = VIEWS.filter(({ view }) => !pack || view !== 'compare').map(({ view, name, path }) =>
    el(
      'a',
      {
        href: `/run/${traceId}${path}`,
        'data-link': true,
        'aria-current': view === current ? 'page' : undefined,
      },
      name,
    ),
  );
  return el('span', { class: 'run-views' }, ...links);
}

function copyButton(traceId: string): HTMLElement {
  const copy = el(
    'button',
    { type: 'button', class: 'link mono', title: 'Copy the trace ID' },
    traceId.slice(0, 8),
  );
  copy.addEventListener('click', () => {
    void copyText(traceId).then(
      () => flash(copy, 'copied'),
      () => flash(copy, traceId),
    );
  });
  return copy;
}

function flash(button: HTMLElement, text: string): void {
  const before = button.textContent;
  button.textContent = text;
  setTimeout(() => {
    button.textContent = before;
  }, 1_200);
}
