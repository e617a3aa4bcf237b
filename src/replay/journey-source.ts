/**
 * Writes a recording as a Playwright journey that a person can read, change and run: `headwater run FILE`. Every text
 * of the recording is written as a JSON string, so that nothing in it can become code.
 */
import { variableOf } from './named-values.ts';
import {
  BASE_URL,
  type Exchange,
  type Finder,
  type LeftOut,
  type Match,
  type RecordedAction,
  type RecordedStep,
  type Recording,
  type Target,
  type Text,
  valuesIn,
} from './recording.ts';

export function journeySource(recording: Recording): string {
  const steps = recording.steps.map(stepSource).join('\n\n');
  const uses = usesIn(recording.steps);
  const given = [
    'page',
    ...(uses.window ? ['context'] : []),
    'step',
    'baseUrl',
    ...(uses.request ? ['request'] : []),
  ];
  return [
    headOf(recording),
    uses.value ? VALUE_SOURCE : '',
    uses.change ? CHANGE_SOURCE : '',
    uses.window ? WINDOW_SOURCE : '',
    `export default async ({ ${given.join(', ')} }) => {\n${steps}\n};\n`,
  ]
    .filter(Boolean)
    .join('\n');
}

function headOf({ from, name, leftOut, steps, baseUrl }: Recording): string {
  const values = [...new Set(steps.flatMap((each) => each.actions.flatMap(valuesIn)))];
  return [
    `// ${name}: a journey made by "headwater replay" from ${from}.`,
    '// Change it as you like, and walk it by: headwater run THIS-FILE',
    ...(baseUrl ? [`// It was recorded at ${baseUrl}; --url says where it is walked.`] : []),
    ...(values.length > 0
      ? [
          '//',
          `// Values that are not kept here: ${values.map(variableOf).join(', ')} (environment variables).`,
        ]
      : []),
    ...(leftOut.length > 0 ? ['//', '// Not replayed:', ...leftOut.map(leftOutLine)] : []),
  ]
    .map((line) => line.replace(/[\r\n\u2028\u2029]+/g, ' '))
    .join('\n')
    .concat('\n');
}

const leftOutLine = ({ what, why, supply }: LeftOut): string =>
  `//   ${what}: ${why}${supply ? ` (${supply})` : ''}`;

function usesIn(steps: readonly RecordedStep[]) {
  const actions = steps.flatMap((step) => step.actions);
  return {
    value: actions.some((action) => valuesIn(action).length > 0),
    change: actions.some((action) => action.do === 'change'),
    window: actions.some((action) => 'target' in action && action.target?.window !== undefined),
    request: actions.some((action) => action.do === 'request'),
  };
}

const VALUE_SOURCE = `const value = (name) => {
  const text = process.env[name];
  if (text === undefined) throw new Error(\`The recording does not have this value: set \${name} in the environment.\`);
  return text;
};
`;

/** Which kind of field it is, only the page knows. */
const CHANGE_SOURCE = `const change = async (field, text) => {
  const isList = await field.evaluate((element) => element.tagName === 'SELECT');
  await (isList ? field.selectOption(text) : field.fill(text));
};
`;

const WINDOW_SOURCE = `const windowAt = async (context, url) =>
  context.pages().find((page) => page.url() === url) ?? (await context.waitForEvent('page'));
`;

const stepSource = ({ name, actions }: RecordedStep): string =>
  [
    `  await step(${literal(name)}, async () => {`,
    ...actions.map((action) => `    ${actionSource(action)}`),
    '  });',
  ].join('\n');

function actionSource(action: RecordedAction): string {
  switch (action.do) {
    case 'open':
      return `await page.goto(${textSource(action.url)});`;
    case 'click': {
      const options = optionsSource({
        button: action.button === 'left' ? undefined : action.button,
        position: action.at,
        delay: action.holdMs,
      });
      return `await ${targetSource(action.target)}.${action.count === 2 ? 'dblclick' : 'click'}(${options});`;
    }
    case 'hover':
    case 'check':
    case 'uncheck':
    case 'focus':
      return `await ${targetSource(action.target)}.${action.do}();`;
    case 'change':
      return `await change(${targetSource(action.target)}, ${textSource(action.text)});`;
    case 'keyDown':
    case 'keyUp':
      return `await page.keyboard.${action.do === 'keyDown' ? 'down' : 'up'}(${literal(action.key)});`;
    case 'scroll': {
      const script = `scrollTo(${Number(action.x)}, ${Number(action.y)})`;
      return action.target
        ? `await ${targetSource(action.target)}.evaluate((element) => element.${script});`
        : `await page.evaluate(() => window.${script});`;
    }
    case 'viewport':
      return `await page.setViewportSize({ width: ${Number(action.width)}, height: ${Number(action.height)} });`;
    case 'waitFor':
      return `await ${targetSource(action.target)}.waitFor(${action.state ? optionsSource({ state: action.state }) : ''});`;
    case 'waitForExpression':
      return `await ${action.target ? frameSource(action.target) : 'page'}.waitForFunction(${literal(action.expression)});`;
    case 'waitForPath':
      return `await page.waitForURL((url) => new RegExp(${literal(action.path)}).test(url.pathname));`;
    case 'waitForLoad':
      return `await page.waitForLoadState(${literal(action.state)});`;
    case 'pause':
      return `await page.waitForTimeout(${Number(action.ms)});`;
    case 'request':
      return exchangeSource(action.exchange);
  }
}

function exchangeSource({ method, url, headers, body }: Exchange): string {
  const lines = [
    ...(method === 'GET' ? [] : [`method: ${literal(method)}`]),
    `url: ${textSource(url)}`,
    ...(headers.length > 0
      ? [
          `headers: { ${headers.map(([name, value]) => `${literal(name)}: ${textSource(value)}`).join(', ')} }`,
        ]
      : []),
    ...(body ? [`body: ${textSource(body)}`] : []),
  ];
  return `await request({ ${lines.join(', ')} });`;
}

const optionsSource = (options: Readonly<Record<string, unknown>>): string => {
  const known = Object.entries(options).filter(([, value]) => value !== undefined);
  return known.length === 0
    ? ''
    : `{ ${known.map(([key, value]) => `${key}: ${literal(value)}`).join(', ')} }`;
};

function textSource(text: Text): string {
  if (text.length === 0) return "''";
  if (text.every((part) => typeof part === 'string')) return literal(text.join(''));
  const parts = text.map((part) =>
    typeof part === 'string' ? templateSource(part) : `\${${valueSource(part.value)}}`,
  );
  const [only] = text;
  if (text.length === 1 && typeof only === 'object') return valueSource(only.value);
  return `\`${parts.join('')}\``;
}

const valueSource = (name: string): string =>
  name === BASE_URL ? 'baseUrl' : `value(${literal(variableOf(name))})`;

const templateSource = (text: string): string =>
  lineSafe(
    JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('`', '\\`').replaceAll('${', '\\${'),
  );

/** JSON is JavaScript but for two line ends. In single quotes where that needs no escapes of its own. */
function literal(value: unknown): string {
  const json = lineSafe(JSON.stringify(value) ?? 'undefined');
  if (typeof value !== 'string' || value.includes("'")) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"')}'`;
}

const lineSafe = (text: string): string =>
  text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');

export function targetSource(target: Target): string {
  return `${frameSource(target)}${target.find.map(finderSource).join('')}`;
}

function frameSource({ frame = [], window }: Target): string {
  const page = window === undefined ? 'page' : `(await windowAt(context, ${literal(window)}))`;
  if (frame.length === 0) return page;
  return `${page}.mainFrame()${frame.map((place) => `.childFrames()[${Number(place)}]`).join('')}`;
}

function finderSource(finder: Finder): string {
  switch (finder.by) {
    case 'css':
      return `.locator(${literal(finder.selector)})`;
    case 'frame':
      return `.frameLocator(${literal(finder.selector)})`;
    case 'nth':
      return `.nth(${Number(finder.index)})`;
    case 'first':
    case 'last':
      return `.${finder.by}()`;
    case 'hasText':
      return `.filter({ hasText: ${matchSource(finder.text)} })`;
    case 'role':
      return `.getByRole(${literal(finder.role)}${roleOptions(finder)})`;
    default: {
      const name = `getBy${finder.by.charAt(0).toUpperCase()}${finder.by.slice(1)}`;
      return `.${name}(${matchSource(finder.text)}${finder.exact ? ', { exact: true }' : ''})`;
    }
  }
}

function roleOptions({ name, exact }: Extract<Finder, { by: 'role' }>): string {
  if (name === undefined) return '';
  return `, { name: ${matchSource(name)}${exact ? ', exact: true' : ''} }`;
}

/** A regular expression is made when it is used: written out, its text could be code. */
const matchSource = (match: Match): string =>
  typeof match === 'string'
    ? literal(match)
    : `new RegExp(${literal(match.source)}, ${literal(match.flags)})`;
