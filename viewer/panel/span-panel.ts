/** Everything about one span: first in words, then in data. */
import { HEADWATER } from '../../src/model/attributes.ts';
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { Attributes } from '../../src/model/span.ts';
import { formatDuration, type Nanos } from '../../src/model/time.ts';
import type { ClockOffset, Span } from '../../src/model/trace.ts';
import { type Child, el, shorten } from '../element.ts';
import type { RunState } from '../run/run-state.ts';
import { markOf } from '../trace/marks.ts';
import { spanAt, typeOf } from '../trace/span-index.ts';
import { formatWalkAddress } from '../walk/walk-address.ts';
import { markSign } from '../waterfall/mark-sign.ts';
import { nameOf } from '../waterfall/row-label.ts';
import { textOf } from './attribute.ts';
import { connectionSection } from './connection-section.ts';
import type { Sentence } from './phrase.ts';
import { planTree } from './plan.ts';
import { layOutSql } from './sql.ts';
import { storyOf } from './story.ts';

const LONGEST_TITLE = 300;
const EVIDENCE_MEANING = {
  measured: 'measured by a client',
  logged: 'logged by a server',
  inferred: 'inferred from what others saw',
} as const;

export function spanPanel(state: RunState, position: number): Child[] {
  const span = spanAt(state.index, position);
  const story = storyOf(state, position);
  const go = (to: number): void => state.reveal(to);
  const sql = textOf(span, 'db.query.text') ?? textOf(span, 'db.statement');
  return [
    el('h2', { tabindex: -1 }, el('bdi', {}, shorten(nameOf(state.index, position), LONGEST_TITLE))),
    el(
      'p',
      { class: 'under-title' },
      el('i', { class: 'swatch', 'aria-hidden': true }),
      `${LAYER_NAME[span.layer]} · `,
      el('bdi', {}, shorten(span.component, 120)),
      ` · ${formatDuration(span.endNs - span.startNs)} · `,
      el('b', {}, span.evidence),
      el('span', { class: 'nowrap' }, ` ±${formatDuration(span.precisionNs)}`),
    ),
    question('What', story.what, go),
    question('Where', story.where, go),
    question('Why', story.why, go),
    question('What happened after', story.after, go),
    typeOf(span) === 'request' && walkLink(state.report.traceId, span.spanId),
    connectionSection(state, position),
    sql && section('SQL', el('pre', { class: 'sql', tabindex: 0, 'aria-label': 'SQL' }, layOutSql(sql))),
    span.layer === 'db' && withTitle('Plan', planTree(state, position, go)),
    attributesSection(span.attributes),
    eventsSection(span, position),
    linksSection(span, state),
    section('Seen by', seenBy(span, state)),
  ];
}

/** For who wants it explained, not listed. */
const walkLink = (traceId: string, spanId: string): HTMLElement =>
  el(
    'p',
    { class: 'walk-link' },
    el(
      'a',
      { href: formatWalkAddress({ traceId, stop: 0, request: spanId }), 'data-link': true },
      'Walk through this request',
    ),
  );

function question(title: string, sentence: Sentence, go: (span: number) => void): HTMLElement {
  const parts = sentence.map((phrase) =>
    typeof phrase === 'string'
      ? phrase
      : el(
          'button',
          { type: 'button', class: 'link', on: { click: () => go(phrase.span) } },
          el('bdi', {}, shorten(phrase.text, 80)),
        ),
  );
  return section(title, el('p', {}, ...parts));
}

export const section = (title: string, ...content: Child[]): HTMLElement =>
  el('section', {}, el('h3', {}, title), ...content);

const withTitle = (title: string, content: HTMLElement | undefined): HTMLElement | undefined =>
  content && section(title, content);

/** What the title, the layer and “Seen by” already tell. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set([
  HEADWATER.type,
  HEADWATER.layer,
  HEADWATER.component,
  HEADWATER.source,
  HEADWATER.clock,
  HEADWATER.evidence,
  HEADWATER.precisionNs,
  HEADWATER.journey,
]);

function attributesSection(attributes: Attributes): HTMLElement | undefined {
  const entries = Object.entries(attributes)
    .filter(([name]) => !SAID_ELSEWHERE.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  return section('Attributes', facts(entries.map(([name, value]) => [name, String(value)])));
}

/** Names and values, whatever their length: a long value scrolls in its own box. */
export function facts(entries: readonly (readonly [string, string])[]): HTMLElement {
  const rows = entries.map(([name, value]) =>
    el(
      'div',
      { class: 'fact' },
      el('dt', {}, el('bdi', {}, ...breakable(shorten(name, 200)))),
      factValue(value),
    ),
  );
  return el('dl', { class: 'facts' }, ...rows);
}

/** Dotted names may be broken after a dot, and there only if that is enough. */
const breakable = (name: string): Child[] =>
  name
    .split(/(?<=[._])/)
    .flatMap((part, i): Child[] => (i === 0 ? [part] : [document.createElement('wbr'), part]));

const LONG_VALUE = 300;
const factValue = (value: string): HTMLElement =>
  value.length > LONG_VALUE
    ? el(
        'dd',
        {},
        el('div', { class: 'long', tabindex: 0, role: 'group', 'aria-label': 'long value' }, value),
      )
    : el('dd', {}, el('bdi', {}, value === '' ? '(empty)' : value));

/** Events beyond these are in the data; the panel is for reading. */
const EVENTS_SHOWN = 100;

function eventsSection(span: Span, position: number): HTMLElement | undefined {
  if (span.events.length === 0) return undefined;
  const items = span.events.slice(0, EVENTS_SHOWN).map((event) => {
    const { kind, name } = markOf(event, position);
    const entries = Object.entries(event.attributes).map(([name, value]) => [name, String(value)] as const);
    return el(
      'li',
      {},
      markSign(kind),
      el('span', { class: 'figure' }, `+${formatDuration(event.timeNs - span.startNs)} `),
      el('bdi', {}, shorten(name, 300)),
      entries.length > 0 && facts(entries),
    );
  });
  return section('Events', el('ul', { class: 'events' }, ...items));
}

function linksSection(span: Span, state: RunState): HTMLElement | undefined {
  if (span.links.length === 0) return undefined;
  const items = span.links.map(({ traceId, spanId }) => {
    // Also of another trace: what it told may have become part of the run.
    const inside = state.index.positionOf.get(spanId);
    if (inside === undefined) return el('li', {}, el('code', {}, `${traceId} · ${spanId}`));
    const name = shorten(nameOf(state.index, inside), 120);
    return el(
      'li',
      {},
      el(
        'button',
        { type: 'button', class: 'link', on: { click: () => state.reveal(inside) } },
        el('bdi', {}, name),
      ),
    );
  });
  return section('Links', el('ul', {}, ...items));
}

function seenBy(span: Span, state: RunState): HTMLElement {
  const clock = state.report.clocks.find((known) => known.clock === span.clock);
  const moved = span.startNs !== span.rawStartNs || span.endNs !== span.rawEndNs;
  const entries: [string, string][] = [
    ['source', `${span.source}, ${EVIDENCE_MEANING[span.evidence]}`],
    ['precision', `±${formatDuration(span.precisionNs)}`],
    ['clock', clock ? `${span.clock}, ${offsetInWords(clock)}` : span.clock],
    ['on screen', stretch(span.startNs, span.endNs)],
    ['as reported', moved ? stretch(span.rawStartNs, span.rawEndNs) : 'the same: nothing was moved'],
  ];
  for (const reason of span.placed) entries.push(['placed', reason]);
  entries.push(['span id', span.spanId]);
  const type = span.attributes[HEADWATER.type];
  if (type !== undefined) entries.push(['type', String(type)]);
  return facts(entries);
}

const stretch = (startNs: Nanos, endNs: Nanos): string => `${exact(startNs)} to ${exact(endNs)} ms`;
const exact = (ns: Nanos): string => (ns / 1e6).toFixed(3);

export function offsetInWords({ offsetNs, boundNs, driftPpm, driftBoundPpm = 0 }: ClockOffset): string {
  const bound = `±${formatDuration(boundNs)}`;
  if (offsetNs === 0 && !driftPpm) return boundNs === 0 ? 'the reference' : `agrees (${bound})`;
  const moved = `moved by ${offsetNs > 0 ? '+' : '−'}${formatDuration(Math.abs(offsetNs))} (${bound})`;
  if (!driftPpm) return moved;
  return `${moved}, ${Math.abs(driftPpm).toFixed(1)} ppm ${driftPpm < 0 ? 'fast' : 'slow'} (±${driftBoundPpm.toFixed(1)})`;
}
