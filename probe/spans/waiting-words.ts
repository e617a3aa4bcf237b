/** What a Playwright call waits for, in words. Only what Playwright itself knows; `undefined` where it waits for nothing. */
import type { PlaywrightCall } from '../playwright-calls.ts';

type Words = (target: string, state: string | undefined) => string;

const WORDS_BY_METHOD: Readonly<Record<string, Words>> = {
  goto: (_target, state) => `the page's "${state ?? 'load'}"`,
  reload: (_target, state) => `the page's "${state ?? 'load'}"`,
  goBack: (_target, state) => `the page's "${state ?? 'load'}"`,
  goForward: (_target, state) => `the page's "${state ?? 'load'}"`,
  waitForLoadState: (_target, state) => `the page's "${state ?? 'load'}"`,
  waitFor: (target, state) => `${target} to be ${state ?? 'visible'}`,
  waitForSelector: (target, state) => `${target} to be ${state ?? 'visible'}`,
  waitForURL: (target) => `the address ${target}`,
  waitForRequest: (target) => `a request to ${target}`,
  waitForResponse: (target) => `an answer from ${target}`,
  waitForFunction: () => 'a condition in the page',
  waitForEvent: () => 'an event of the page',
  waitForTimeout: (target) => `a pause of ${target}`,
  expect: (target) => `an expectation about ${target} to hold`,
};
/** Calls that need the element at rest and in reach. */
const ACTS =
  /^(click|dblclick|tap|fill|type|press|pressSequentially|check|uncheck|setChecked|hover|selectOption|clear|dragTo)$/;

export function waitsFor({ name, target, state }: PlaywrightCall): string | undefined {
  const method = name.slice(name.indexOf('.') + 1);
  const words = Object.hasOwn(WORDS_BY_METHOD, method) ? WORDS_BY_METHOD[method] : undefined;
  if (words) return words(target ?? 'something', state);
  return ACTS.test(method) && target ? `${target} to be ready for ${method}` : undefined;
}
