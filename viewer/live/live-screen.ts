/** A run in progress, drawn as it grows. It becomes the normal screen when the run can be told as a whole. */
import { scaleLinear } from 'd3';
import { LAYER_NAME, LAYERS } from '../../src/model/layer.ts';
import type { LiveEnded, LiveRun } from '../../src/model/live.ts';
import { formatDuration } from '../../src/model/time.ts';
import { ask } from '../api.ts';
import { el, replace, shorten } from '../element.ts';
import { pageHeader } from '../page-header.ts';
import { ago } from '../runs/ago.ts';
import { runsLink, type TakeDown } from '../screen.ts';
import { formatTick } from '../waterfall/ticks.ts';
import { createLiveRows } from './live-rows.ts';

/** As often as the probe tells. */
const ASK_MS = 500;
const ASK_AGAIN_MS = 2_000;
/** The probe tells twice a second; a machine under load may be late, but not so late. */
const SILENT_MS = 10_000;
/** The axis ends at one of these times a power of ten, so that bars do not shrink at every beat. */
const ROUND = [1, 1.5, 2, 3, 4, 5, 7.5, 10];
const LEAST_SCALE_NS = 1e9;
const TICKS = 5;

export interface LiveOptions {
  readonly page: HTMLElement;
  readonly traceId: string;
  readonly selected: string | undefined;
  /** The run has ended; told which row was selected. */
  ended(selected: string | undefined): void;
}

export function showLive({ page, traceId, selected, ended }: LiveOptions): TakeDown {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const rows = createLiveRows(selected);
  const title = el('h1', {}, 'Running');
  const clock = el('span', { class: 'live-clock' });
  const words = el('p', { class: 'live-words' });
  const step = el('p', { class: 'spoken', role: 'status' });
  const axis = el('div', { class: 'live-axis', 'aria-hidden': true });
  const legend = el('ul', { class: 'layer-legend', 'aria-label': 'Layers seen so far' });
  const main = el(
    'main',
    { class: 'live' },
    el('div', { class: 'live-head' }, title, clock),
    words,
    step,
    legend,
    axis,
    rows.element,
  );
  const crumb = el('bdi', { class: 'here', 'aria-current': 'page' }, traceId.slice(0, 8));
  replace(
    page,
    pageHeader([runsLink(), el('span', { class: 'slash', 'aria-hidden': true }, '/'), crumb]),
    main,
  );

  function update(run: LiveRun): void {
    const scaleNs = scaleFor(run.nowNs);
    const follows = isAtBottom();
    crumb.textContent = title.textContent = shorten(run.journey, 60);
    document.title = `${shorten(run.journey, 60)} · running · Headwater`;
    clock.textContent = `${run.state === 'running' ? 'running' : 'ended'} · ${formatDuration(run.nowNs)}`;
    clock.classList.toggle('beats', run.state === 'running' && !isSilent(run));
    words.textContent = inWords(run);
    const now = run.rows.findLast(({ kind, open }) => kind === 'step' && open);
    const said = now ? `Step: ${shorten(now.name, 120)}` : '';
    if (step.textContent !== said) step.textContent = said;
    const layers = new Set(run.rows.flatMap(({ pieces }) => pieces.map(({ layer }) => layer)));
    replace(legend, ...LAYERS.filter((layer) => layer === 'browser' || layers.has(layer)).map(legendKey));
    replace(axis, ...axisTicks(scaleNs));
    rows.update(run, scaleNs);
    if (follows) scrollTo({ top: document.documentElement.scrollHeight });
  }
  const again = (ms: number): void => {
    if (!stopped) timer = setTimeout(() => void read(), ms);
  };
  async function read(): Promise<void> {
    try {
      const run = await ask<LiveRun | LiveEnded>(`/api/runs/${traceId}/live`);
      if (stopped) return;
      if (run.state === 'ended') return ended(rows.selected);
      update(run);
      again(ASK_MS);
    } catch (error) {
      if (!stopped)
        words.textContent = error instanceof Error ? error.message.replaceAll('`', '') : String(error);
      again(ASK_AGAIN_MS);
    }
  }
  void read();
  const disconnect = connectKeys(rows.element);
  return () => {
    stopped = true;
    clearTimeout(timer);
    disconnect();
  };
}

const isSilent = ({ state, toldUnixMs }: LiveRun): boolean =>
  state === 'running' && Date.now() - toldUnixMs > SILENT_MS;

function inWords(run: LiveRun): string {
  const hidden = run.hidden > 0 ? ` The first ${run.hidden} rows are left out until it has ended.` : '';
  if (run.state === 'settling')
    return `The journey has ended. The verdict comes when its servers have said what they have to say.${hidden}`;
  if (isSilent(run))
    return `It was last heard of ${lastHeard(run)}: the run may have been ended from outside. This is what was seen until then.${hidden}`;
  if (run.rows.length === 0) return 'The browser is starting. Steps and requests are drawn as they come in.';
  return `The verdict comes when the journey has ended.${hidden}`;
}

function lastHeard({ toldUnixMs }: LiveRun): string {
  const seconds = Math.round((Date.now() - toldUnixMs) / 1_000);
  return seconds < 60 ? `${seconds} seconds ago` : ago(toldUnixMs, Date.now());
}

export function scaleFor(nowNs: number): number {
  const wanted = Math.max(LEAST_SCALE_NS, nowNs);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return power * (ROUND.find((step) => step * power >= wanted) ?? 10);
}

function axisTicks(scaleNs: number): HTMLElement[] {
  const ticks = scaleLinear([0, scaleNs], [0, 100]).ticks(TICKS);
  const step = (ticks[1] ?? scaleNs) - (ticks[0] ?? 0);
  return ticks
    .filter((ns) => ns < scaleNs)
    .map((ns) => el('span', { style: { left: `${(ns / scaleNs) * 100}%` } }, formatTick(ns, step, scaleNs)));
}

const legendKey = (layer: (typeof LAYERS)[number]): HTMLElement =>
  el('li', { 'data-layer': layer }, el('i', { class: 'swatch', 'aria-hidden': true }), LAYER_NAME[layer]);

/** Whoever looks at the newest row goes on doing so; whoever has scrolled up stays there. */
function isAtBottom(): boolean {
  const { scrollHeight, clientHeight } = document.documentElement;
  return scrollHeight > clientHeight && scrollHeight - clientHeight - scrollY < 4;
}

/** `j` `k` and the arrows go from row to row; Enter chooses one, as for every button. */
function connectKeys(list: HTMLElement): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const buttons = [...list.querySelectorAll<HTMLElement>('button')];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    // An arrow scrolls the page until a row has the focus.
    if (at < 0 && event.key.startsWith('Arrow')) return;
    event.preventDefault();
    buttons[Math.min(buttons.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus();
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}
