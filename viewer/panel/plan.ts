/** A query's plan as a tree that can be read: what each node did, to how many rows, in how long. */
import { formatDuration } from '../../src/model/time.ts';
import { el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { at, childrenOfSpan, isWithin, spanAt, typeOf } from '../trace/span-index.ts';
import { countOf, grouped, planTextOf } from './attribute.ts';

/** Deeper or longer plans exist; the rows of the waterfall have them whole. */
const NODES_SHOWN = 40;

/** The plan around or below a span of the database; undefined where there is none. */
export function planTree(
  state: RunState,
  position: number,
  go: (span: number) => void,
): HTMLElement | undefined {
  const nodes = planNodes(state, topOf(state, position)).slice(0, NODES_SHOWN);
  if (nodes.length === 0) return undefined;
  const base = at(state.index.depth, nodes[0] ?? 0);
  const items = nodes.map((node) => {
    const span = spanAt(state.index, node);
    const name = el(
      'button',
      { type: 'button', class: 'link', on: { click: () => go(node) } },
      el('bdi', {}, shorten(span.name, 120)),
    );
    return el(
      'li',
      {
        class: node === position ? 'here' : '',
        style: { 'padding-left': `${(at(state.index.depth, node) - base) * 14}px` },
      },
      el(
        'div',
        { class: 'plan-node' },
        name,
        el('span', { class: 'figure' }, formatDuration(span.endNs - span.startNs)),
      ),
      el('div', { class: 'plan-facts' }, factsOf(state, node)),
    );
  });
  return el('ul', { class: 'plan' }, ...items);
}

/** Up to the query's outermost span, so that any node shows the whole plan. */
function topOf(state: RunState, position: number): number {
  let top = position;
  for (let p = position; p >= 0 && isOfPlan(state, p); p = at(state.index.parent, p)) top = p;
  return top;
}

const isOfPlan = (state: RunState, span: number): boolean =>
  /^(plan_node|db_server)$/.test(typeOf(spanAt(state.index, span)) ?? '');

function planNodes(state: RunState, top: number): number[] {
  const found: number[] = [];
  const waiting = [top];
  for (let span = waiting.pop(); span !== undefined; span = waiting.pop()) {
    if (!isWithin(state.index, span, top)) continue;
    if (typeOf(spanAt(state.index, span)) === 'plan_node') found.push(span);
    else if (span !== top && !isOfPlan(state, span)) continue;
    waiting.push(...[...childrenOfSpan(state.index, span)].reverse());
  }
  return found;
}

function factsOf(state: RunState, node: number): string {
  const span = spanAt(state.index, node);
  const [rows, removed, loops] = [countOf(span, 'rows'), countOf(span, 'removed'), countOf(span, 'loops')];
  const filter = planTextOf(span, 'filter');
  return [
    rows !== undefined && `rows ${grouped(rows)}`,
    removed && `thrown away ${grouped(removed)}`,
    loops && loops > 1 && `loops ${grouped(loops)}`,
    filter && `filter ${shorten(filter, 200)}`,
  ]
    .filter(Boolean)
    .join(' · ');
}
