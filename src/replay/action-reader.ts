/** A Playwright call, as a trace keeps it (its name, whom it went to, hardly ever what with), → what to do again. */
import type { ReportedSpan } from '../model/span.ts';
import { atBase, originOf } from './addresses.ts';
import { readLocator } from './locator-text.ts';
import type { NamedValues } from './named-values.ts';
import type { LeftOut, RecordedAction, Target } from './recording.ts';
import { ACTION_TARGET, textAt } from './span-facts.ts';

interface ElementCall {
  readonly call: string;
  readonly target: Target;
  readonly text: string;
  readonly state: AwaitedState | undefined;
}
type AwaitedState = 'hidden' | 'attached' | 'detached';

/** As the probe words it: `getByText('Wait') to be hidden`; visible is what is waited for otherwise. */
const awaitedState = (span: ReportedSpan): AwaitedState | undefined =>
  /to be (hidden|attached|detached)$/.exec(textAt(span, 'headwater.action.waits_for') ?? '')?.[1] as
    | AwaitedState
    | undefined;

const ADD_IT = 'write it into the saved journey';

export class ActionReader {
  readonly #values: NamedValues;
  readonly #leftOut: LeftOut[];
  readonly #origin: string | undefined;

  /** @param leftOut is added to */
  constructor(values: NamedValues, leftOut: LeftOut[], origin: string | undefined) {
    this.#values = values;
    this.#leftOut = leftOut;
    this.#origin = origin;
  }

  /** None for a call that only looks; what cannot be done again is left out, and said. */
  read(span: ReportedSpan, step: string): RecordedAction[] {
    const call = span.name.split('.').at(-1) ?? '';
    const text = textAt(span, ACTION_TARGET);
    const where = `${span.name}${text ? ` ${text}` : ''} in “${step}”`;
    if (call === 'goto') {
      if (!text || !(originOf(text) ?? text.startsWith('/')))
        return this.#leave(where, 'its address is not known');
      return [{ do: 'open', url: atBase(this.#values.address(text), this.#origin) }];
    }
    if (call === 'reload' || call === 'goBack' || call === 'goForward')
      return this.#leave(where, 'going back and reloading are not replayed', ADD_IT);
    if (call === 'waitForTimeout') {
      const ms = Number.parseFloat(text ?? '');
      return ms >= 0 ? [{ do: 'pause', ms }] : [];
    }
    if (call === 'waitForLoadState') return [{ do: 'waitForLoad', state: loadState(span) }];
    if (PASSIVE.test(call)) return [];
    if (span.name.startsWith('expect.')) return this.#expected(call, text, where);
    const target = text === undefined ? undefined : targetOf(text);
    if (!target)
      return this.#leave(
        where,
        'how it found its element is not understood',
        'write a locator into the saved journey',
      );
    return this.#onElement({ call, target, text: text ?? '', state: awaitedState(span) }, where);
  }

  /** What a test expected is a wait for it; of most, a trace keeps only whom it was expected of. */
  #expected(call: string, text: string | undefined, where: string): RecordedAction[] {
    const target = text === undefined ? undefined : targetOf(text);
    const state = EXPECTED_STATE[call];
    if (!target) return this.#leave(where, 'of whom it was expected is not understood', ADD_IT);
    if (!state)
      this.#leave(where, 'what it expected is not in a trace; that it is there is waited for', ADD_IT);
    return [{ do: 'waitFor', target, state: state ?? 'attached' }];
  }

  #onElement({ call, target, text, state }: ElementCall, where: string): RecordedAction[] {
    switch (call) {
      case 'click':
      case 'tap':
        return [{ do: 'click', target }];
      case 'dblclick':
        return [{ do: 'click', target, count: 2 }];
      case 'hover':
      case 'check':
      case 'uncheck':
      case 'focus':
        return [{ do: call, target }];
      case 'fill':
      case 'type':
      case 'pressSequentially':
      case 'selectOption':
        return [{ do: 'change', target, text: this.#values.named(labelOf(target) ?? text) }];
      case 'waitFor':
      case 'waitForSelector':
        return [{ do: 'waitFor', target, ...(state ? { state } : {}) }];
      case 'expect':
        return this.#leave(where, 'what it expected is not in a trace', ADD_IT);
      default:
        return this.#leave(where, `${call} cannot be replayed from what a trace keeps of it`, ADD_IT);
    }
  }

  #leave(what: string, why: string, supply?: string): [] {
    this.#leftOut.push({ what, why, ...(supply ? { supply } : {}) });
    return [];
  }
}

const EXPECTED_STATE: Readonly<Record<string, 'visible' | 'hidden' | 'attached'>> = {
  toBeVisible: 'visible',
  toBeHidden: 'hidden',
  toBeAttached: 'attached',
};

/** Calls that only look, or wait for what other calls bring about. */
const PASSIVE =
  /^(is[A-Z]\w*|inner(Text|HTML)|textContent|inputValue|getAttribute|count|all\w*|url|title|content|screenshot|evaluate\w*|waitFor(Request|Response|Event|Function|URL)|boundingBox|close|newPage|setViewportSize|addInitScript|storageState|cookies|addCookies|viewportSize|pause|waitForNavigation)$/;

function loadState(span: ReportedSpan): 'load' | 'domcontentloaded' | 'networkidle' {
  const words = textAt(span, 'headwater.action.waits_for') ?? '';
  return words.includes('networkidle')
    ? 'networkidle'
    : words.includes('domcontentloaded')
      ? 'domcontentloaded'
      : 'load';
}

/** A locator as it is written, else a selector as Playwright's engine takes it: `#cart`, `internal:role=link[name="Cart"i]`. */
function targetOf(text: string): Target | undefined {
  const find = readLocator(text);
  if (find) return { find };
  return LOCATOR_CALL.test(text) ? undefined : { find: [{ by: 'css', selector: text }] };
}
const LOCATOR_CALL = /^(getBy\w+|locator|frameLocator)\(/;

/** What a person calls the field: for the name of the value that goes into it. */
function labelOf({ find }: Target): string | undefined {
  for (const finder of [...find].reverse()) {
    if (finder.by === 'role' && typeof finder.name === 'string') return finder.name;
    if ('text' in finder && typeof finder.text === 'string') return finder.text;
    if (finder.by === 'css') return finder.selector;
  }
  return undefined;
}
