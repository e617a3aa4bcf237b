import { describe, expect, it } from 'vitest';
import { shownPictures } from '../../probe/spans/shown-pictures.ts';

const pictures = [10n, 20n, 30n, 40n, 50n, 60n].map((timeUnixNano) => ({
  timeUnixNano,
  jpeg: Buffer.alloc(1),
}));
const call = (name: string, startUnixNano: bigint, endUnixNano?: bigint) => ({
  name,
  startUnixNano,
  endUnixNano,
});
const kept = (
  ...[actions, documents]: [Parameters<typeof shownPictures>[1], Parameters<typeof shownPictures>[2]]
) => shownPictures(pictures, actions, documents).map(({ timeUnixNano }) => Number(timeUnixNano));

describe('pictures that may be kept', () => {
  it('all, when nothing was typed', () => {
    const actions = [
      call('locator.click', 15n, 16n),
      call('page.goto', 1n, 2n),
      call('locator.waitFor', 3n, 4n),
    ];
    expect(kept(actions, { commits: [], firstPaints: [] })).toEqual([10, 20, 30, 40, 50, 60]);
  });

  it.each([
    'locator.fill',
    'page.type',
    'keyboard.press',
    'keyboard.insertText',
    'locator.pressSequentially',
    'frame.fill',
  ])('%s withholds them until another document has painted', (name) => {
    expect(kept([call(name, 15n, 25n)], { commits: [35n], firstPaints: [45n] })).toEqual([10, 50, 60]);
  });

  it('for good, when there was no other document, it never painted, or the call never ended', () => {
    expect(kept([call('locator.fill', 15n, 25n)], { commits: [5n], firstPaints: [30n] })).toEqual([10]);
    expect(kept([call('locator.fill', 15n, 25n)], { commits: [35n], firstPaints: [30n] })).toEqual([10]);
    expect(kept([call('locator.fill', 15n)], { commits: [35n], firstPaints: [45n] })).toEqual([10]);
  });

  it('the latest typing counts', () => {
    const actions = [call('locator.fill', 12n, 13n), call('locator.fill', 42n, 43n)];
    expect(kept(actions, { commits: [14n, 52n], firstPaints: [16n, 55n] })).toEqual([10, 20, 30, 40, 60]);
  });
});
