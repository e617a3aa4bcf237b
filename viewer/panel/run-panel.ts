/** About the run as a whole: what could be seen and how to see the rest, the clocks, the warnings, the cost. */
import { LAYER_NAME } from '../../src/model/layer.ts';
import type { Coverage } from '../../src/model/report.ts';
import { formatDuration, unixMsFromNano } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import { withCode } from '../notice.ts';
import type { RunState } from '../run/run-state.ts';
import { leadOf, type Row } from '../trace/rows.ts';
import { at, spanAt } from '../trace/span-index.ts';
import { labelOf, nameOf } from '../waterfall/row-label.ts';
import { grouped } from './attribute.ts';
import { copyLine } from './copy-line.ts';
import { facts, offsetInWords, section } from './span-panel.ts';

export function runPanel(state: RunState): Child[] {
  const { report } = state;
  const started = new Date(unixMsFromNano(BigInt(report.startUnixNano)));
  const overhead = Object.entries(report.overhead).map(([name, value]) => [name, grouped(value)] as const);
  return [
    el('h2', { tabindex: -1 }, 'About this run'),
    el(
      'p',
      { class: 'under-title' },
      `${started.toLocaleString()} · ${formatDuration(report.wallNs)} · ${grouped(state.index.size)} spans`,
    ),
    section(
      'Seen',
      report.coverage.length > 0
        ? el('ul', { class: 'coverage' }, ...report.coverage.map(coverageItem))
        : el('p', {}, 'Which layers were seen is not known: this run says nothing about it.'),
    ),
    section('Clocks', facts(report.clocks.map((clock) => [clock.clock, offsetInWords(clock)]))),
    section('Warnings', warnings(state)),
    overhead.length > 0 && section('What watching cost', facts(overhead)),
    section('Trace', facts([['trace id', report.traceId]])),
  ];
}

function coverageItem({ layer, sources, hint, config }: Coverage): HTMLElement {
  const seen = sources.length > 0;
  return el(
    'li',
    { class: seen ? 'seen' : 'unseen' },
    el('span', { class: 'dot', 'aria-hidden': true }, seen ? '●' : '○'),
    el('b', {}, LAYER_NAME[layer]),
    ` ${seen ? sources.join(', ') : 'not seen'}`,
    hint && el('p', { class: 'hint' }, ...withCode(hint)),
    config && copyLine(`npx headwater doctor --config ${config}`),
  );
}

function warnings(state: RunState): HTMLElement {
  const { warnings: list } = state.report;
  if (list.length === 0) return el('p', {}, 'None: everything that arrived could be read and placed.');
  const items = list
    .slice(0, 200)
    .map(({ code, where, message }) =>
      el(
        'li',
        {},
        el('bdi', {}, shorten(message, 500)),
        el('div', { class: 'where' }, `${code} · ${shorten(where, 120)}`),
      ),
    );
  return el('ul', { class: 'warnings' }, ...items);
}

/** A row that stands for many alike. */
export function groupPanel(state: RunState, row: Row & { kind: 'group' }): Child[] {
  const { name } = labelOf(row, state.index, state.connections);
  const members = [...row.group.members].sort((a, b) => lengthOf(state, b) - lengthOf(state, a));
  const total = members.reduce((sum, member) => sum + lengthOf(state, member), 0);
  const waitedNs = members.reduce((sum, member) => sum + at(state.path.subtreeNs, member), 0);
  const first = spanAt(state.index, leadOf(row));
  const waited =
    waitedNs > 0
      ? `The run waited ${formatDuration(waitedNs)} for them.`
      : state.path.pieces.length > 0
        ? 'The run did not wait for any of them.'
        : 'Whether the run waited for them is not known: this run has no critical path.';
  const items = members
    .slice(0, 10)
    .map((member) =>
      el(
        'li',
        {},
        el(
          'button',
          { type: 'button', class: 'link', on: { click: () => state.reveal(member) } },
          el('bdi', {}, shorten(nameOf(state.index, member), 80)),
        ),
        el('span', { class: 'figure' }, ` ${formatDuration(lengthOf(state, member))}`),
      ),
    );
  return [
    el('h2', { tabindex: -1 }, el('bdi', {}, shorten(name, 300))),
    el(
      'p',
      { class: 'under-title' },
      el('i', { class: 'swatch', 'aria-hidden': true }),
      `${LAYER_NAME[first.layer]} · ${grouped(members.length)} alike`,
    ),
    section(
      'What',
      el(
        'p',
        {},
        `${grouped(members.length)} of the same kind, ${formatDuration(total)} when added up, ${formatDuration(total / members.length)} on average.`,
      ),
    ),
    section('Why', el('p', {}, waited)),
    section('Longest', el('ul', {}, ...items)),
  ];
}

const lengthOf = ({ index }: RunState, position: number): number =>
  at(index.endNs, position) - at(index.startNs, position);
