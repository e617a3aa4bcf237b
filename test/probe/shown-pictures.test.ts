import { describe, expect, it } from 'vitest';
import { shownPictures } from '../../probe/spans/shown-pictures.ts';

const pictures = [10n, 20n, 30n, 40n].map((timeUnixNano) => ({ timeUnixNano, jpeg: Buffer.alloc(1) }));
const call = (name: string, startUnixNano: bigint) => ({ name, startUnixNano });
const kept = (actions: ReturnType<typeof call>[], inputs: bigint[] = []) =>
  shownPictures(pictures, actions, inputs).map(({ timeUnixNano }) => Number(timeUnixNano));

describe('pictures that may be kept', () => {
  it('all, when nothing was typed', () => {
    expect(kept([call('locator.click', 15n), call('page.goto', 1n), call('locator.waitFor', 3n)])).toEqual([
      10, 20, 30, 40,
    ]);
  });

  it.each([
    'locator.fill',
    'page.type',
    'keyboard.press',
    'keyboard.insertText',
    'locator.pressSequentially',
    'frame.fill',
    'elementHandle.fill',
    'locator.selectOption',
  ])('none from %s on', (name) => {
    expect(kept([call(name, 15n), call('page.goto', 25n)])).toEqual([10]);
  });

  it('none from the first key that the page itself saw', () => {
    expect(kept([call('locator.fill', 35n)], [30n, 12n])).toEqual([10]);
  });

  it('none that was taken as the typing began', () => {
    expect(kept([call('locator.fill', 10n)])).toEqual([]);
  });
});
