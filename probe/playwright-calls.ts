/**
 * Sees every call that a journey makes on Playwright's page, frames, locators, keyboard and so on.
 *
 * The classes' methods are wrapped once per process, found from the instances: whatever returns a promise is a call,
 * so no list of method names has to be kept. An AsyncLocalStorage says which run a call belongs to; calls that
 * Playwright makes to itself inside one are not seen, and code outside a journey is not touched.
 *
 * What was typed never leaves: of the arguments only addresses, selectors and waits are looked at, and of an error
 * only the first line, since Playwright's call log repeats the arguments.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { BrowserContext, Page } from 'playwright';
import type { UnixNano } from '../src/model/time.ts';

export interface PlaywrightCall {
  /** `page.goto`, `locator.click` */
  readonly name: string;
  /** Selector, address or waiting time, where the call has one. */
  readonly target?: string;
  /** The state that it waits for, where the call named one: `hidden`, `networkidle`. */
  readonly state?: string;
  readonly startUnixNano: UnixNano;
}
export interface CallListener {
  now(): UnixNano;
  /** Told of every call; the function that it returns is called when the call is over. */
  started(call: PlaywrightCall): (error?: unknown) => void;
}

const listening = new AsyncLocalStorage<CallListener | undefined>();
const WRAPPED = Symbol('headwater.wrapped');
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Runs `body` with `listener` told of its Playwright calls. */
export const listenToCalls = <T>(listener: CallListener, body: () => Promise<T>): Promise<T> =>
  listening.run(listener, body);

/** Runs the probe's own code inside a journey without its calls being seen. */
export const unheard = <T>(body: () => T): T => listening.run(undefined, body);

/** Wraps the classes of these instances; calling it again does nothing. */
export function wrapPlaywright(context: BrowserContext, page: Page): void {
  const instances = {
    page,
    frame: page.mainFrame(),
    locator: page.locator('html'),
    keyboard: page.keyboard,
    mouse: page.mouse,
    touchscreen: page.touchscreen,
    request: page.request,
    context,
  };
  for (const [receiver, instance] of Object.entries(instances))
    wrapClass(receiver, Object.getPrototypeOf(instance));
}

function wrapClass(receiver: string, prototype: Record<PropertyKey, unknown>): void {
  if (Object.hasOwn(prototype, WRAPPED)) return;
  Object.defineProperty(prototype, WRAPPED, { value: true });
  for (const [method, { value, writable }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const isOwn = method !== '_expect' && method.startsWith('_');
    if (typeof value !== 'function' || !writable || isOwn || method === 'constructor') continue;
    Object.defineProperty(prototype, method, {
      value: wrapMethod(receiver, method, value),
      writable,
      configurable: true,
    });
  }
}

function wrapMethod(receiver: string, method: string, original: Method): Method {
  const name = method === '_expect' ? 'expect' : `${receiver}.${method}`;
  return function (this: unknown, ...args) {
    const listener = listening.getStore();
    if (!listener) return original.apply(this, args);
    const startUnixNano = listener.now();
    const result = listening.run(undefined, () => original.apply(this, args));
    // What returns no promise is a getter or a constructor (`locator.filter`): not a call.
    if (!(result instanceof Promise)) return result;
    const target = targetOf(receiver, method, this, args);
    const ended = listener.started({ name, target, state: stateOf(args), startUnixNano });
    result.then(
      (value) => {
        wrapHandles(value);
        ended();
      },
      (error) => ended(renamed(error, name)),
    );
    return result;
  };
}

/** `page.$()` hands out the only instances of a class that can type and that nothing else leads to. */
function wrapHandles(value: unknown): void {
  const handle = Array.isArray(value) ? value[0] : value;
  if (typeof handle !== 'object' || handle === null) return;
  const isHandle = 'ownerFrame' in handle && 'fill' in handle && typeof handle.fill === 'function';
  if (isHandle) wrapClass('elementHandle', Object.getPrototypeOf(handle));
}

/** Playwright names the call by the stack, where the wrapper hides the outer one: `frame.goto:` was `page.goto`. */
function renamed(error: unknown, name: string): unknown {
  if (error instanceof Error) error.message = error.message.replace(/^[a-z]\w*\.\w+: /, `${name}: `);
  return error ?? new Error('failed');
}

const TAKES_ADDRESS = new Set(['goto', 'waitForURL', 'waitForRequest', 'waitForResponse']);
const TAKES_SELECTOR =
  /^(click|dblclick|tap|fill|type|press|check|uncheck|setChecked|hover|focus|selectOption|setInputFiles|dispatchEvent|waitForSelector|textContent|innerText|innerHTML|inputValue|getAttribute|isVisible|isHidden|isEnabled|isChecked)$/;

function targetOf(
  receiver: string,
  method: string,
  self: unknown,
  args: readonly unknown[],
): string | undefined {
  const first = args[0];
  if (receiver === 'locator') return String(self);
  if (method === 'waitForTimeout') return `${Number(first)} ms`;
  // Only these take a selector first: an element or the keyboard takes what is typed.
  const findsFirst = receiver === 'page' || receiver === 'frame';
  const isTarget = TAKES_ADDRESS.has(method) || (findsFirst && TAKES_SELECTOR.test(method));
  return isTarget && typeof first === 'string' ? first : undefined;
}

const STATES = new Set([
  'visible',
  'hidden',
  'attached',
  'detached',
  'load',
  'domcontentloaded',
  'networkidle',
  'commit',
]);

/** Only Playwright's own words are looked for, so that nothing typed can be taken for one. */
export function stateOf(args: readonly unknown[]): string | undefined {
  for (const arg of args) {
    const options =
      typeof arg === 'object' && arg !== null ? (arg as { state?: unknown; waitUntil?: unknown }) : {};
    for (const value of [arg, options.state, options.waitUntil])
      if (typeof value === 'string' && STATES.has(value)) return value;
  }
  return undefined;
}

const CONTROL_SEQUENCE = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

/** The first line of an error, which is Playwright's own words without the call log. */
export function errorSentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').replace(CONTROL_SEQUENCE, '').slice(0, 500);
}
