/** The same as the drawing, as tables: for screen readers, and for whoever would rather read figures. */
import { formatDuration } from '../../src/model/time.ts';
import { type Child, el, shorten } from '../element.ts';
import type { PipesState } from './pipes-state.ts';
import { KIND_NAME, nameOf, share, valveInWords } from './words.ts';

export function createPlaceTable(state: PipesState): HTMLElement {
  const { stations, pipes, report, guilty } = state.pipes;
  const ns = (value: number): string => formatDuration(value);
  const marked = (id: string): string => (id === guilty ? ' (the verdict names it)' : '');
  const stationRows = stations.map((station) => [
    `${shorten(station.name, 120)}${marked(station.id)}`,
    KIND_NAME[station.kind],
    String(station.calls),
    String(station.errors),
    `${ns(station.pathNs)} (${share(station.pathNs, report.wallNs)})`,
    station.valves.map(valveInWords).join('; '),
  ]);
  const pipeRows = pipes.map((pipe) => [
    `${shorten(nameOf(pipe, state.stationById), 160)}${marked(pipe.id)}`,
    String(pipe.calls),
    String(pipe.errors),
    ns(pipe.totalNs),
    `${ns(pipe.pathNs)} (${share(pipe.pathNs, report.wallNs)})`,
    pipe.valves.map(valveInWords).join('; '),
  ]);
  return el(
    'details',
    { class: 'place-table' },
    el('summary', {}, 'The same as tables'),
    el(
      'div',
      { class: 'tables', role: 'region', 'aria-label': 'Stations and pipes as tables', tabindex: 0 },
      table('Stations', ['Station', 'What', 'Calls', 'Failed', 'Of the run’s time', 'Waits'], stationRows),
      table('Pipes', ['Pipe', 'Calls', 'Failed', 'All calls', 'Of the run’s time', 'Waits'], pipeRows),
    ),
  );
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const head = el('tr', {}, ...heads.map((name) => el('th', { scope: 'col' }, name)));
  const body = rows.map(([first = '', ...rest]) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row' }, el('bdi', {}, first)),
      ...rest.map((cell): Child => el('td', {}, cell)),
    ),
  );
  return el('table', {}, el('caption', {}, caption), el('thead', {}, head), el('tbody', {}, ...body));
}
