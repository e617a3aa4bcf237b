/** Two runs, or a run and what is usual: the sentence, both ledgers, what changed by layer, part, step and span. */
import type { CompareChoices, ComparedSide, Comparison } from '../../src/model/comparison.ts';
import { formatDuration } from '../../src/model/time.ts';
import { ask } from '../api.ts';
import { el, replace, shorten } from '../element.ts';
import { keyHelp } from '../key-help.ts';
import { errorNotice } from '../notice.ts';
import { addressFor, replacePlace } from '../place.ts';
import { runHeader } from '../run/run-header.ts';
import { readAndShow, type Screen, type TakeDown } from '../screen.ts';
import { connectionTable, layerTable, partTable, stepTable } from './change-tables.ts';
import { type CompareAddress, formatCompareAddress, parseCompareAddress } from './compare-address.ts';
import { COMPARE_KEYS, connectCompareKeys, keyLine } from './compare-keys.ts';
import { CompareState } from './compare-state.ts';
import { copyButton, otherPicker, spanTools, swapLink, USUAL, when } from './compare-tools.ts';
import { ledgerPair } from './ledger-pair.ts';
import { comparisonMarkdown } from './markdown.ts';
import { createSpanTable } from './span-table.ts';

const LONGEST_SENTENCE = 500;

interface Answer {
  readonly choices: CompareChoices;
  /** Undefined when there is nothing to compare with. */
  readonly comparison: Comparison | undefined;
}

export const compareScreen: Screen = ({ page, path, query, navigate }) => {
  const address = parseCompareAddress(path, query);
  if (!address) return undefined;
  return readAndShow(page, {
    waiting: 'Comparing…',
    failed: 'These runs cannot be compared',
    ask: () => askFor(address),
    show: (answer) => show(page, answer, address, navigate),
  });
};

async function askFor({ a, b, minNs }: CompareAddress): Promise<Answer> {
  const choices = await ask<CompareChoices>(`/api/compare/${a}`);
  const other = b ?? choices.first;
  if (other === null) return { choices, comparison: undefined };
  return {
    choices,
    comparison: await ask<Comparison>(`/api/compare/${choices.a.traceId}/${other}?least=${minNs ?? 'usual'}`),
  };
}

function show(
  page: HTMLElement,
  answer: Answer,
  asked: CompareAddress,
  navigate: (to: string) => void,
): TakeDown {
  const { choices, comparison } = answer;
  document.title = `Compare ${shorten(choices.a.journey, 60)} · Headwater`;
  if (!comparison) {
    replace(page, runHeader(choices.a, 'compare'), el('main', {}, nothingThere(choices)));
    return () => {};
  }
  const address = { ...asked, a: choices.a.traceId, b: comparison.b.traceId ?? USUAL };
  replacePlace(formatCompareAddress(address));
  const other = comparison.b.traceId ? `run ${comparison.b.traceId.slice(0, 8)}` : 'what is usual';
  const body = el('main', { class: 'compare' }, ...head(answer, comparison, address, navigate));
  body.append(
    ledgerPair(comparison, other[0]?.toUpperCase() + other.slice(1)),
    el('div', { class: 'compare-columns' }, partTable(comparison, other), layerTable(comparison, other)),
    stepTable(comparison, other),
  );
  const connections = connectionTable(comparison, other);
  if (connections) body.append(connections);
  const spans = spanSection(comparison, address, other, navigate);
  body.append(spans.element);
  replace(
    page,
    runHeader(choices.a, 'compare', [keyHelp(COMPARE_KEYS.map(({ shown, does }) => [shown, does]))]),
    body,
  );
  spans.shown();
  return spans.takeDown;
}

const nothingThere = ({ a }: CompareChoices): HTMLElement =>
  errorNotice(
    'There is nothing to compare with yet',
    `This is the only run of ${shorten(a.journey, 60)}. Run the journey once more, with \`headwater run\`, and look again.`,
    el('a', { class: 'button', href: `/run/${a.traceId}`, 'data-link': true }, 'Its waterfall'),
  );

function head(
  { choices }: Answer,
  comparison: Comparison,
  address: CompareAddress,
  navigate: (to: string) => void,
): HTMLElement[] {
  const { sentence, notes, a, b } = comparison;
  const chosen = b.traceId ?? USUAL;
  const choose = (to: string): void =>
    navigate(formatCompareAddress({ ...address, b: to, selected: undefined }));
  const markdown = (): string =>
    comparisonMarkdown(
      comparison,
      new URL(addressFor(formatCompareAddress({ ...address, b: chosen })), location.href).href,
    );
  return [
    el(
      'header',
      { class: 'compare-head' },
      el('h1', {}, el('bdi', {}, shorten(sentence, LONGEST_SENTENCE))),
      ...notes.map((note) => el('p', { class: 'compare-note' }, note)),
      el(
        'div',
        { class: 'compare-tools' },
        otherPicker(choices, chosen, choose),
        swapLink(comparison),
        copyButton(markdown),
      ),
    ),
    el('dl', { class: 'verdicts' }, ...verdict('This run', a), ...verdict('The other', b)),
  ];
}

function verdict(name: string, side: ComparedSide): HTMLElement[] {
  const says =
    side.traceId === null
      ? [
          `Medians of ${side.runs} earlier runs that had no problem: ${formatDuration(side.wallNs)}. They are known by part of the time; spans are known of single runs only.`,
        ]
      : [
          el('bdi', {}, shorten(side.sentence, LONGEST_SENTENCE)),
          ' ',
          el(
            'a',
            { href: `/run/${side.traceId}`, 'data-link': true },
            side.startUnixNano === null ? 'its waterfall' : when(side.startUnixNano),
          ),
        ];
  return [el('dt', {}, name), el('dd', {}, ...says)];
}

interface SpanSection {
  readonly element: HTMLElement;
  shown(): void;
  readonly takeDown: TakeDown;
}

function spanSection(
  comparison: Comparison,
  address: CompareAddress,
  other: string,
  navigate: (to: string) => void,
): SpanSection {
  const { spans } = comparison;
  const title = el('h2', {}, 'Span by span');
  if (!spans) {
    const why = el(
      'p',
      { class: 'mute' },
      'What is usual is not known span by span. Choose another run above to see the spans of both.',
    );
    return { element: el('section', { class: 'changes' }, title, why), shown: () => {}, takeDown: () => {} };
  }
  const state = new CompareState(comparison, address);
  const table = createSpanTable(state, spans, other);
  const tools = spanTools(state);
  state.onChange(() => {
    if (state.wantsMore) {
      navigate(formatCompareAddress({ ...address, ...choiceOf(state) }));
      return;
    }
    table.draw();
    tools.draw();
    replacePlace(formatCompareAddress({ ...address, ...choiceOf(state) }));
  });
  table.draw();
  tools.draw();
  return {
    element: el('section', { class: 'changes spans' }, title, tools.element, table.element, keyLine()),
    shown: () => state.selected !== undefined && table.showSelected(),
    takeDown: connectCompareKeys({ state, table, focusSearch: () => tools.search.focus() }),
  };
}

const choiceOf = (state: CompareState) => ({
  selected: state.selectedName,
  sort: state.sort,
  minNs: state.minNs === state.startMinNs ? undefined : state.minNs,
  query: state.query,
});
