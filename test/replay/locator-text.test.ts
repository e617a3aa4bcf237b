import { describe, expect, it } from 'vitest';
import { readLocator } from '../../src/replay/locator-text.ts';

describe('a locator as Playwright prints it', () => {
  it.each([
    ["getByRole('link', { name: 'River Kettle' })", [{ by: 'role', role: 'link', name: 'River Kettle' }]],
    [
      "getByRole('status').getByText('It\\'s here', { exact: true }).first()",
      [{ by: 'role', role: 'status' }, { by: 'text', text: "It's here", exact: true }, { by: 'first' }],
    ],
    [
      "locator('#a > b').nth(-1)",
      [
        { by: 'css', selector: '#a > b' },
        { by: 'nth', index: -1 },
      ],
    ],
    [
      'getByRole("row").filter({ hasText: /tea [0-9/]+/i }).last()',
      [
        { by: 'role', role: 'row' },
        { by: 'hasText', text: { source: 'tea [0-9/]+', flags: 'i' } },
        { by: 'last' },
      ],
    ],
    [
      "frameLocator('iframe').getByLabel('Card \\u{1f4b3}')",
      [
        { by: 'frame', selector: 'iframe' },
        { by: 'label', text: 'Card 💳' },
      ],
    ],
  ])('%s', (text, finders) => {
    expect(readLocator(text)).toEqual(finders);
  });

  it.each([
    '',
    'process.exit(1)',
    "getByText('a'); process.exit(1)",
    "getByText('a' + process.env.HOME)",
    `getByText(\`$\{process.env.HOME}\`)`,
    "getByRole('link', { checked: true })",
    "locator('a', { has: b })",
    ".getByText('a')",
    "getByText('a'",
    "getByText('a').evaluate(() => 1)",
  ])('is not guessed at: %s', (text) => {
    expect(readLocator(text)).toBeUndefined();
  });
});
