import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { journeySource } from '../../src/replay/journey-source.ts';
import { BASE_URL, type RecordedAction, type Recording } from '../../src/replay/recording.ts';
import { walkNoted } from './recorded-path.ts';

const recording = (actions: readonly RecordedAction[], given: Partial<Recording> = {}): Recording => ({
  name: 'checkout',
  from: 'trace 4bf92f35',
  steps: [{ name: 'Open', actions }],
  conditions: {},
  leftOut: [],
  missing: [],
  secrets: new Map(),
  ...given,
});

describe('a recording as a journey', () => {
  it('is what a person would have written', () => {
    const source = journeySource(
      recording(
        [
          { do: 'open', url: [{ value: BASE_URL }, '/cart?page=2'] },
          { do: 'click', target: { find: [{ by: 'role', role: 'link', name: 'Cart' }, { by: 'first' }] } },
        ],
        { leftOut: [{ what: 'step 3', why: 'it has no element', supply: 'write a locator' }] },
      ),
    );
    expect(source).toBe(`// checkout: a journey made by "headwater replay" from trace 4bf92f35.
// Change it as you like, and walk it by: headwater run THIS-FILE
//
// Not replayed:
//   step 3: it has no element (write a locator)

export default async ({ page, step, baseUrl }) => {
  await step('Open', async () => {
    await page.goto(\`\${baseUrl}/cart?page=2\`);
    await page.getByRole('link', { name: 'Cart' }).first().click();
  });
};
`);
  });

  it('walks every kind of action', async () => {
    const target = { find: [{ by: 'css', selector: '#a' } as const] };
    const { calls } = await walkNoted(
      journeySource(
        recording([
          { do: 'viewport', width: 800, height: 600 },
          { do: 'click', target, count: 2, button: 'right', at: { x: 3, y: 4 }, holdMs: 900 },
          { do: 'hover', target },
          { do: 'change', target, text: ['tea'] },
          { do: 'keyDown', key: 'Enter' },
          { do: 'keyUp', key: 'Enter' },
          { do: 'scroll', target, x: 1, y: 2 },
          { do: 'scroll', x: 1, y: 2 },
          { do: 'waitFor', target, state: 'hidden' },
          { do: 'waitForExpression', expression: 'ready === true' },
          { do: 'waitForPath', path: '^/order/[^/]+$' },
          { do: 'waitForLoad', state: 'load' },
          { do: 'pause', ms: 20 },
        ]),
      ),
    );
    expect(calls).toEqual([
      'page.setViewportSize({"width":800,"height":600})',
      'page.locator("#a").dblclick({"button":"right","position":{"x":3,"y":4},"delay":900})',
      'page.locator("#a").hover()',
      'page.locator("#a").evaluate(ƒ)',
      'page.locator("#a").fill("tea")',
      'page.keyboard.down("Enter")',
      'page.keyboard.up("Enter")',
      'page.locator("#a").evaluate(ƒ)',
      'page.evaluate(ƒ)',
      'page.locator("#a").waitFor({"state":"hidden"})',
      'page.waitForFunction("ready === true")',
      'page.waitForURL(ƒ)',
      'page.waitForLoadState("load")',
      'page.waitForTimeout(20)',
    ]);
  });

  it('finds elements in frames, and by regular expressions', async () => {
    const { calls } = await walkNoted(
      journeySource(
        recording([
          {
            do: 'hover',
            target: {
              frame: [1, 0],
              find: [{ by: 'role', role: 'button', name: { source: 'a/b', flags: 'i' } }],
            },
          },
        ]),
      ),
    );
    expect(calls).toEqual([
      'page.mainFrame().childFrames()[1].childFrames()[0].getByRole("button", {"name":/a\\/b/i}).hover()'
        .replace('childFrames()[1]', 'childFrames().1')
        .replace('childFrames()[0]', 'childFrames().0'),
    ]);
  });

  it('reads a named value from the environment, and names it when it is not there', async () => {
    const source = journeySource(
      recording([
        {
          do: 'change',
          target: { find: [{ by: 'label', text: 'Password' }] },
          text: [{ value: 'PASSWORD' }],
        },
      ]),
    );
    delete process.env.REPLAY_PASSWORD;
    await expect(walkNoted(source)).rejects.toThrow('REPLAY_PASSWORD');
    process.env.REPLAY_PASSWORD = 'open sesame';
    try {
      expect((await walkNoted(source)).calls.at(-1)).toContain('fill("open sesame")');
    } finally {
      delete process.env.REPLAY_PASSWORD;
    }
    expect(source).toContain('// Values that are not kept here: REPLAY_PASSWORD');
  });

  it('lets nothing of a recording become code', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '`);throw 1;//',
        "');throw 1;//",
        `$\{throw1()}`,
        `\\\`$\{x}`,
        '*/ throw 1; /*',
        '\u2028throw 1',
        '\\',
      ),
    );
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (text, name) => {
        const source = journeySource(
          recording(
            [
              { do: 'open', url: [{ value: BASE_URL }, text] },
              { do: 'change', target: { find: [{ by: 'text', text: name }] }, text: [text] },
            ],
            { name, from: text, leftOut: [{ what: text, why: name }] },
          ),
        );
        const { calls } = await walkNoted(source);
        expect(calls).toEqual([
          `page.goto(${JSON.stringify(`https://shop.example${text}`)})`,
          `page.getByText(${JSON.stringify(name)}).evaluate(ƒ)`,
          `page.getByText(${JSON.stringify(name)}).fill(${JSON.stringify(text)})`,
        ]);
      }),
      { numRuns: 300 },
    );
  });
});
