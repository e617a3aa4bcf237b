/**
 * A user flow of Chrome DevTools Recorder, which is what Puppeteer Replay runs: JSON with a `title` and `steps`.
 *
 * Read: navigate, click, doubleClick, hover, change, keyDown, keyUp, scroll, setViewport, emulateNetworkConditions,
 * waitForElement, waitForExpression, frames, windows (`target`), every kind of selector, asserted navigations.
 * Ignored, and said so: customStep, close, asserted events of other kinds, throttling that begins midway.
 * It holds no times, so there is no original to compare with.
 * https://github.com/puppeteer/replay/blob/main/src/Schema.ts
 */

import { isSecretName } from '../model/redact.ts';
import { atBase, originOf, pathOf, pathPattern } from './addresses.ts';
import type { Conditions, NetworkConditions } from './conditions.ts';
import { NamedValues } from './named-values.ts';
import { finderOf, type Selector } from './recorder-selector.ts';
import {
  type LeftOut,
  type RecordedAction,
  type RecordedStep,
  type Recording,
  RecordingError,
  type Target,
} from './recording.ts';

type Fields = Readonly<Record<string, unknown>>;

/** By its beginning: the steps may be long. */
export const isRecorderJson = (text: string): boolean =>
  /^\s*\{/.test(text) &&
  /"steps"\s*:\s*\[/.test(text) &&
  !/"resourceSpans"|"log"\s*:\s*\{/.test(text.slice(0, 2_000));

/** @throws RecordingError with a sentence */
export function readRecorderJson(text: string, from: string): Recording {
  const flow = parsed(text);
  const steps = Array.isArray(flow.steps) ? flow.steps.filter(isFields) : [];
  if (steps.length === 0) throw new RecordingError('The recording has no steps.');
  const reader = new FlowReader(steps);
  return reader.recording(textOf(flow.title)?.trim() || 'recording', from);
}

function parsed(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (isFields(value)) return value;
  } catch (error) {
    throw new RecordingError(`The recording is no JSON: ${(error as Error).message}.`);
  }
  throw new RecordingError('The recording is no JSON object with steps.');
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

class FlowReader {
  readonly #steps: readonly Fields[];
  readonly #origin: string | undefined;
  readonly #values = new NamedValues();
  readonly #leftOut: LeftOut[] = [];
  readonly #made: { name: string; actions: RecordedAction[] }[] = [];
  #viewport: Conditions['viewport'];
  #network: NetworkConditions | undefined;

  constructor(steps: readonly Fields[]) {
    this.#steps = steps;
    this.#origin = steps.map(({ url }) => originOf(textOf(url) ?? '')).find((origin) => origin !== undefined);
  }

  recording(name: string, from: string): Recording {
    for (const [i, step] of this.#steps.entries()) this.#read(step, i + 1);
    const steps: RecordedStep[] = this.#made.filter(({ actions }) => actions.length > 0);
    if (steps.length === 0) throw new RecordingError('The recording has no step that can be replayed.');
    return {
      name,
      from,
      ...(this.#origin === undefined ? {} : { baseUrl: this.#origin }),
      steps,
      conditions: {
        ...(this.#viewport ? { viewport: this.#viewport } : {}),
        ...(this.#network ? { network: this.#network } : {}),
      },
      leftOut: this.#leftOut,
      missing: this.#values.missing,
      secrets: this.#values.secrets,
    };
  }

  #read(step: Fields, place: number): void {
    const type = textOf(step.type) ?? '';
    const where = `step ${place} (${type || 'without a type'})`;
    if (type === 'setViewport' && !this.#isUnderWay()) {
      const [width, height] = [numberOf(step.width), numberOf(step.height)];
      if (width && height) this.#viewport = { width, height };
    } else if (type === 'emulateNetworkConditions') this.#throttle(step, where);
    else {
      const actions = this.#actionsOf(type, step, where);
      if (actions) this.#put(actions, type, step);
    }
    this.#assertions(step, where);
  }

  #isUnderWay(): boolean {
    return this.#made.length > 0;
  }

  #throttle(step: Fields, where: string): void {
    if (this.#isUnderWay()) {
      this.#leave(where, 'throttling that begins midway is not replayed', 'cut the recording there');
      return;
    }
    const bytesPerS = (value: unknown) => numberOf(value) ?? -1;
    this.#network = {
      latencyMs: Math.max(0, numberOf(step.latency) ?? 0),
      downloadBytesPerS: bytesPerS(step.download),
      uploadBytesPerS: bytesPerS(step.upload),
    };
  }

  /** A step of ours begins with each thing that a person did; waits belong to what was done before them. */
  #put(actions: readonly RecordedAction[], type: string, step: Fields): void {
    const title = titleOf(type, step);
    const last = this.#made.at(-1);
    if (title === undefined && last) last.actions.push(...actions);
    else this.#made.push({ name: title ?? 'Begin', actions: [...actions] });
  }

  #actionsOf(type: string, step: Fields, where: string): readonly RecordedAction[] | undefined {
    switch (type) {
      case 'navigate': {
        const url = textOf(step.url);
        if (!url || !(originOf(url) || url === 'about:blank'))
          return this.#leave(where, 'it has no address that a browser can open');
        return url === 'about:blank' ? [] : [{ do: 'open', url: this.#address(url) }];
      }
      case 'setViewport': {
        const [width, height] = [numberOf(step.width), numberOf(step.height)];
        return width && height ? [{ do: 'viewport', width, height }] : this.#leave(where, 'it has no size');
      }
      case 'click':
      case 'doubleClick':
        return this.#withTarget(step, where, (target) => [clickOf(type, step, target)]);
      case 'hover':
        return this.#withTarget(step, where, (target) => [{ do: 'hover', target }]);
      case 'change':
        return this.#withTarget(
          step,
          where,
          (target) => [{ do: 'change', target, text: this.#typed(step, textOf(step.value) ?? '') }],
          true,
        );
      case 'keyDown':
      case 'keyUp': {
        const key = textOf(step.key);
        return key ? [{ do: type, key }] : this.#leave(where, 'it names no key');
      }
      case 'scroll': {
        const [x, y] = [numberOf(step.x) ?? 0, numberOf(step.y) ?? 0];
        return step.selectors === undefined
          ? [{ do: 'scroll', x, y }]
          : this.#withTarget(step, where, (target) => [{ do: 'scroll', target, x, y }]);
      }
      case 'waitForElement':
        return this.#withTarget(step, where, (target) => this.#waitsFor(step, target, where));
      case 'waitForExpression': {
        const expression = textOf(step.expression);
        const target = this.#place(step);
        return expression
          ? [
              {
                do: 'waitForExpression',
                expression,
                ...(target.frame ? { target: { ...target, find: [] } } : {}),
              },
            ]
          : this.#leave(where, 'it has no expression');
      }
      case 'customStep':
        return this.#leave(
          `${where} ${textOf(step.name) ?? ''}`.trim(),
          'a custom step is known only to the extension that made it',
          'write it into the saved journey',
        );
      case 'close':
        return this.#leave(where, 'the browser is closed at the end anyway');
      default:
        return this.#leave(where, 'this kind of step is not known');
    }
  }

  #withTarget(
    step: Fields,
    where: string,
    make: (target: Target) => readonly RecordedAction[],
    isField = false,
  ): readonly RecordedAction[] | undefined {
    const selectors = Array.isArray(step.selectors) ? (step.selectors as Selector[]) : [];
    const find = finderOf(selectors, isField);
    if (!find) return this.#leave(where, 'it names no element', 'write a locator into the saved journey');
    return make({ ...this.#place(step), find });
  }

  #place(step: Fields): Pick<Target, 'frame' | 'window'> {
    const frame = Array.isArray(step.frame)
      ? step.frame.filter((at): at is number => Number.isInteger(at) && at >= 0)
      : [];
    const target = textOf(step.target);
    return {
      ...(frame.length > 0 ? { frame } : {}),
      ...(target && target !== 'main' ? { window: target } : {}),
    };
  }

  #typed(step: Fields, text: string) {
    const selectors = JSON.stringify(step.selectors ?? []);
    return isSecretField(selectors)
      ? this.#values.named(labelOf(step) ?? 'password', text)
      : text === ''
        ? []
        : [text];
  }

  /** `count` elements that are there, `visible` ones unless told otherwise. */
  #waitsFor(step: Fields, target: Target, where: string): readonly RecordedAction[] {
    const { operator = '>=', count: asked, visible } = step;
    for (const key of ['properties', 'attributes'])
      if (isFields(step[key])) this.#leave(where, `its ${key} are not looked at, only that it is there`);
    const count = Math.max(0, Math.trunc(numberOf(asked) ?? 1));
    const [there, gone] =
      visible === false ? (['attached', 'hidden'] as const) : (['visible', 'hidden'] as const);
    const nth = (index: number): Target => ({
      ...target,
      find: [...target.find.filter(({ by }) => by !== 'first'), { by: 'nth', index }],
    });
    if (visible === false && asked === undefined) return [{ do: 'waitFor', target, state: 'hidden' }];
    const least = operator === '<=' ? 0 : count;
    return [
      ...(least > 0 ? [{ do: 'waitFor' as const, target: nth(least - 1), state: there }] : []),
      ...(operator === '>=' && count > 0
        ? []
        : [{ do: 'waitFor' as const, target: nth(count), state: gone }]),
    ];
  }

  #assertions(step: Fields, where: string): void {
    const events = Array.isArray(step.assertedEvents) ? step.assertedEvents.filter(isFields) : [];
    for (const { type, url } of events) {
      const address = textOf(url);
      if (type !== 'navigation')
        this.#leave(where, `the asserted event "${String(type).slice(0, 40)}" is not known`);
      // `goto` waits for it anyway
      else if (address && originOf(address) && step.type !== 'navigate')
        this.#made.at(-1)?.actions.push({ do: 'waitForPath', path: pathPattern(address) });
    }
  }

  #address(url: string) {
    return atBase(this.#values.address(url), this.#origin);
  }

  #leave(what: string, why: string, supply?: string): undefined {
    this.#leftOut.push({ what, why, ...(supply ? { supply } : {}) });
    return undefined;
  }
}

function clickOf(type: string, step: Fields, target: Target): RecordedAction {
  const button = step.button === 'secondary' ? 'right' : step.button === 'auxiliary' ? 'middle' : undefined;
  const holdMs = numberOf(step.duration);
  return {
    do: 'click',
    target,
    ...(type === 'doubleClick' ? { count: 2 as const } : {}),
    ...(button ? { button } : {}),
    ...(holdMs && holdMs > LONG_PRESS_MS ? { holdMs } : {}),
  };
}

/** The recorder notes how long a button was down; only from here on does a page take it for a long press. */
const LONG_PRESS_MS = 500;

/** Undefined for what waits, or belongs to what was done before. */
function titleOf(type: string, step: Fields): string | undefined {
  const label = labelOf(step);
  const named = label ? ` ${label}` : '';
  if (type === 'navigate') return `Open ${pathOf(textOf(step.url) ?? '')}`;
  if (type === 'click') return `Click${named}`;
  if (type === 'doubleClick') return `Double-click${named}`;
  if (type === 'change') return `Fill in${named}`;
  return undefined;
}

/** The accessible name or text, else the selector itself. */
function labelOf(step: Fields): string | undefined {
  const all = (Array.isArray(step.selectors) ? step.selectors : []).flatMap((selector: unknown) =>
    Array.isArray(selector) ? [textOf(selector.at(-1)) ?? ''] : [textOf(selector) ?? ''],
  );
  const named = all.find((text) => /^(aria|text)\//.test(text)) ?? all[0];
  const label = named
    ?.replace(/^\w+\//, '')
    .replace(/\[\w+="[^"]*"\]\s*$/, '')
    .trim();
  return label ? label.slice(0, 60) : undefined;
}

const SECRET_FIELD = /pass(wor[dt]|code|phrase)|kennwort|contrase|mot de passe|type=\\?["']?password/i;
const isSecretField = (selectors: string): boolean =>
  SECRET_FIELD.test(selectors) ||
  (JSON.parse(selectors) as unknown[])
    .flat(3)
    .some((text) => isSecretName(String(text).replace(/^\w+\//, '')));
