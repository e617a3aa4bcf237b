/**
 * Reads a Playwright locator as it is written, `getByRole('link', { name: 'Cart' }).first()`, into the calls that it is
 * made of. Read by a grammar of its own, never run: the text comes from a trace, which anybody may have written.
 *
 * Understood: `getBy…`, `locator('css')`, `frameLocator`, `first`, `last`, `nth`, `filter({ hasText })`. https://playwright.dev/docs/locators
 */
import type { Finder, Match, TextFinder } from './recording.ts';

/** Undefined when a part of it is not understood. */
export function readLocator(text: string): Finder[] | undefined {
  const calls = readCalls(text);
  const finders = calls?.map(finderOf);
  return finders?.length && finders.every((finder) => finder !== undefined)
    ? (finders as Finder[])
    : undefined;
}

type Options = Readonly<Record<string, Match | number | boolean>>;
type Argument = Match | number | boolean | Options;
interface Call {
  readonly name: string;
  readonly args: readonly Argument[];
}

const TEXT_FINDERS: Readonly<Record<string, TextFinder>> = {
  getByText: 'text',
  getByLabel: 'label',
  getByPlaceholder: 'placeholder',
  getByAltText: 'altText',
  getByTitle: 'title',
  getByTestId: 'testId',
};

function finderOf({ name, args: [first, second] }: Call): Finder | undefined {
  const by = TEXT_FINDERS[name];
  const options: Options = isOptions(second) ? second : {};
  const exact = options.exact === true ? { exact: true } : {};
  if (by) return isMatch(first) ? { by, text: first, ...exact } : undefined;
  if (name === 'getByRole') {
    if (typeof first !== 'string' || !knownOnly(options, ['name', 'exact'])) return undefined;
    return { by: 'role', role: first, ...(isMatch(options.name) ? { name: options.name } : {}), ...exact };
  }
  if (name === 'locator' && second === undefined)
    return typeof first === 'string' ? { by: 'css', selector: first } : undefined;
  if (name === 'frameLocator')
    return typeof first === 'string' ? { by: 'frame', selector: first } : undefined;
  if (name === 'filter') return filterOf(first);
  if (name === 'nth') return typeof first === 'number' ? { by: 'nth', index: first } : undefined;
  if ((name === 'first' || name === 'last') && first === undefined) return { by: name };
  return undefined;
}

function filterOf(options: Argument | undefined): Finder | undefined {
  const given: Options = isOptions(options) ? options : {};
  return knownOnly(given, ['hasText']) && isMatch(given.hasText)
    ? { by: 'hasText', text: given.hasText }
    : undefined;
}

const isMatch = (value: unknown): value is Match =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && 'source' in value && 'flags' in value);
const isOptions = (value: unknown): value is Options =>
  typeof value === 'object' && value !== null && !isMatch(value);
const knownOnly = (options: object, known: readonly string[]): boolean =>
  Object.keys(options).every((key) => known.includes(key));

const NAME = /^\.?([A-Za-z]\w*)\(/;
const STRING = /^'((?:[^'\\]|\\.)*)'|^"((?:[^"\\]|\\.)*)"|^`((?:[^`\\$]|\\.)*)`/s;
const REGEX = /^\/((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([a-z]*)/;
const NUMBER = /^-?\d+(?:\.\d+)?/;
const KEY = /^\s*([A-Za-z]\w*)\s*:\s*/;
/** A locator that is longer was not written by a person. */
const MOST_CALLS = 20;

/** `a('x').b()` → its calls in order. */
function readCalls(text: string): Call[] | undefined {
  const calls: Call[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const name = NAME.exec(rest);
    if (!name || calls.length === MOST_CALLS || rest.startsWith('.') === (calls.length === 0))
      return undefined;
    const read = readArguments(rest.slice(name[0].length));
    if (!read) return undefined;
    calls.push({ name: name[1]!, args: read.args });
    rest = read.rest;
  }
  return calls;
}

function readArguments(text: string): { args: Argument[]; rest: string } | undefined {
  const args: Argument[] = [];
  let rest = text.trimStart();
  while (!rest.startsWith(')')) {
    const value = readValue(rest) ?? readOptions(rest);
    if (!value) return undefined;
    args.push(value.value);
    rest = value.rest.trimStart();
    if (rest.startsWith(',')) rest = rest.slice(1).trimStart();
    else if (!rest.startsWith(')')) return undefined;
  }
  return { args, rest: rest.slice(1) };
}

function readValue(text: string): { value: Match | number | boolean; rest: string } | undefined {
  const string = STRING.exec(text);
  if (string)
    return {
      value: unescaped(string[1] ?? string[2] ?? string[3] ?? ''),
      rest: text.slice(string[0].length),
    };
  const regex = REGEX.exec(text);
  if (regex) return { value: { source: regex[1]!, flags: regex[2]! }, rest: text.slice(regex[0].length) };
  const number = NUMBER.exec(text);
  if (number) return { value: Number(number[0]), rest: text.slice(number[0].length) };
  const word = /^(true|false)\b/.exec(text);
  return word ? { value: word[1] === 'true', rest: text.slice(word[0].length) } : undefined;
}

function readOptions(text: string): { value: Argument; rest: string } | undefined {
  if (!text.startsWith('{')) return undefined;
  const options: Record<string, Match | number | boolean> = {};
  let rest = text.slice(1).trimStart();
  while (!rest.startsWith('}')) {
    const key = KEY.exec(rest);
    const value = key && readValue(rest.slice(key[0].length));
    if (!key || !value) return undefined;
    options[key[1]!] = value.value;
    rest = value.rest.trimStart().replace(/^,\s*/, '');
    if (rest === '') return undefined;
  }
  return { value: options, rest: rest.slice(1) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  0: '\0',
};

const unescaped = (text: string): string =>
  text.replace(
    /\\(?:u\{([0-9a-f]+)\}|u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gis,
    (_, long, four, two, one: string) => {
      const code = long ?? four ?? two;
      if (code === undefined) return ESCAPES[one] ?? one;
      const point = Number.parseInt(code, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : '';
    },
  );
