/**
 * Which runs are shown, as the form above the list and as the address.
 *
 *   /?journey=NAME&status=failed&layer=db&q=WORDS&since=24h&pick=TRACE_ID,TRACE_ID
 */
import { isLayer, LAYER_NAME, LAYERS, type Layer } from '../../src/model/layer.ts';
import { type Child, el, shorten } from '../element.ts';

export interface RunChoice {
  readonly journey: string;
  readonly status: string;
  readonly layer: Layer | '';
  readonly words: string;
  readonly since: string;
  /** Trace IDs of the runs to compare, two at most, in the order of choosing. */
  readonly picked: readonly string[];
}

const HOUR_MS = 3_600_000;
const SPANS: Readonly<Record<string, readonly [name: string, ms: number]>> = {
  '1h': ['the last hour', HOUR_MS],
  '24h': ['the last 24 hours', 24 * HOUR_MS],
  '7d': ['the last 7 days', 7 * 24 * HOUR_MS],
};
const STATUSES = ['ok', 'failed', 'running'];

export function parseChoice(query: URLSearchParams): RunChoice {
  const [status = '', layer, since = ''] = ['status', 'layer', 'since'].map((name) => query.get(name) ?? '');
  return {
    journey: query.get('journey') ?? '',
    status: STATUSES.includes(status) ? status : '',
    layer: isLayer(layer) ? layer : '',
    words: query.get('q') ?? '',
    since: since in SPANS ? since : '',
    picked: (query.get('pick') ?? '')
      .split(',')
      .filter((id) => /^[0-9a-f]{32}$/.test(id))
      .slice(0, 2),
  };
}

export function formatChoice(choice: RunChoice): string {
  const query = filterQuery(choice);
  if (choice.since) query.set('since', choice.since);
  if (choice.picked.length > 0) query.set('pick', choice.picked.join(','));
  const text = query.toString();
  return text ? `/?${text}` : '/';
}

/** What the API is asked for. */
export function askedFor(choice: RunChoice, nowUnixMs: number): URLSearchParams {
  const query = filterQuery(choice);
  const ms = SPANS[choice.since]?.[1];
  if (ms !== undefined) query.set('since', String(Math.round(nowUnixMs - ms)));
  return query;
}

function filterQuery({ journey, status, layer, words }: RunChoice): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ journey, status, layer, q: words.trim() }))
    if (value) query.set(name, value);
  return query;
}

export const isNarrowed = (choice: RunChoice): boolean => filterQuery(choice).size > 0 || choice.since !== '';

export const NO_FILTER: Omit<RunChoice, 'picked'> = {
  journey: '',
  status: '',
  layer: '',
  words: '',
  since: '',
};

export interface FilterForm {
  readonly element: HTMLElement;
  /** Puts the choice into the fields. */
  set(choice: RunChoice): void;
  /** The journeys that can be chosen. */
  offer(journeys: readonly string[]): void;
  focus(): void;
}

/** @param onChange told what differs from before */
export function filterForm(first: RunChoice, onChange: (change: Partial<RunChoice>) => void): FilterForm {
  const journey = field('Journey', 'journey', []);
  const status = field(
    'Status',
    'status',
    STATUSES.map((name) => [name, name]),
  );
  const layer = field(
    'Verdict',
    'layer',
    LAYERS.map((name) => [name, LAYER_NAME[name]]),
  );
  const since = field(
    'When',
    'since',
    Object.entries(SPANS).map(([value, [name]]) => [value, name]),
  );
  const words = el('input', {
    type: 'search',
    id: 'words',
    name: 'q',
    placeholder: 'Words: lock, queue',
    spellcheck: 'false',
  });
  const selects = { journey, status, layer, since };
  for (const [name, { select }] of Object.entries(selects))
    select.addEventListener('change', () => onChange({ [name]: select.value }));
  words.addEventListener('input', () => onChange({ words: words.value }));
  const offer = (journeys: readonly string[]): void => {
    const chosen = journey.select.value;
    const known = new Set([...journeys, ...(chosen ? [chosen] : [])]);
    journey.select.replaceChildren(
      anyOption('any'),
      ...[...known].map((name) => option(name, shorten(name, 60))),
    );
    journey.select.value = chosen;
  };
  const set = (choice: RunChoice): void => {
    if (choice.journey)
      offer([...[...journey.select.options].map((o) => o.value).filter(Boolean), choice.journey]);
    for (const [name, { select }] of Object.entries(selects)) select.value = choice[name as 'status'];
    words.value = choice.words;
  };
  set(first);
  const element = el(
    'form',
    {
      class: 'run-filter',
      role: 'search',
      'aria-label': 'Filter the runs',
      on: { submit: (event: Event) => event.preventDefault() },
    },
    el('label', { for: 'words', class: 'spoken' }, 'Words in the verdict or in names'),
    words,
    ...Object.values(selects).map(({ element }) => element),
  );
  return { element, set, offer, focus: () => words.focus() };
}

function field(label: string, name: string, options: readonly (readonly [string, string])[]) {
  const select = el(
    'select',
    { name, id: `filter-${name}` },
    anyOption('any'),
    ...options.map(([value, text]) => option(value, text)),
  );
  return { select, element: el('label', { class: 'field' }, `${label} `, select as Child) };
}

const anyOption = (text: string): HTMLElement => el('option', { value: '' }, text);

/** The value is set as it is: in an attribute, characters that cannot be seen would be made visible. */
function option(value: string, text: string): HTMLElement {
  const element = el('option', {}, text || 'without a name');
  element.value = value;
  return element;
}
