/** Which stretches of a task belong to scripts. Trace events by hand, times in milliseconds. */
import { describe, expect, it } from 'vitest';
import { readMainThread } from '../../probe/cdp/main-thread.ts';
import type { Fields } from '../../src/import/netlog/events.ts';

const FRAME = 'F';
const event = (name: string, startMs: number, endMs: number, data: Fields = {}): Fields => ({
  name,
  ph: 'X',
  pid: 1,
  tid: 1,
  ts: startMs * 1e3,
  dur: (endMs - startMs) * 1e3,
  args: { data: { frame: FRAME, ...data } },
});

const partsOf = (...events: Fields[]) =>
  readMainThread(events, new Set([FRAME]), new Set([FRAME])).tasks.flatMap((task) => task.parts ?? []);

describe('the parts of a task', () => {
  it('are its outermost scripts, from call to return', () => {
    const parts = partsOf(
      event('ParseHTML', 100, 200),
      event('EvaluateScript', 110, 160, { url: 'https://shop.example/a.js', lineNumber: 1 }),
      event('FunctionCall', 120, 150, {
        url: 'https://shop.example/a.js',
        functionName: 'rank',
        lineNumber: 9,
      }),
      event('EvaluateScript', 165, 190, { url: 'https://shop.example/b.js' }),
    );
    expect(parts.map(({ url, startS, endS }) => [url, startS, endS])).toEqual([
      ['https://shop.example/a.js', 0.11, 0.16],
      ['https://shop.example/b.js', 0.165, 0.19],
    ]);
    // by the longest stretch in it that has an address
    expect(parts[0]).toMatchObject({ kind: 'EvaluateScript', lineNumber: 1 });
  });

  it('are named by what a timer or an event called, and tell the layout inside', () => {
    const [part, ...more] = partsOf(
      event('TimerFire', 100, 140, { timerId: 3 }),
      event('FunctionCall', 101, 139, {
        url: 'https://shop.example/a.js',
        functionName: 'fit',
        lineNumber: 4,
      }),
      event('Layout', 105, 125),
    );
    expect(more).toEqual([]);
    expect(part).toMatchObject({
      kind: 'FunctionCall',
      functionName: 'fit',
      lineNumber: 4,
      startS: 0.1,
      endS: 0.14,
    });
    expect(part?.msByWork.layout).toBeCloseTo(20, 6);
    expect(part?.msByWork.script).toBeCloseTo(20, 6);
  });

  it('are none where scripts are short or not there', () => {
    expect(partsOf(event('Layout', 100, 300))).toEqual([]);
    expect(
      partsOf(
        event('ParseHTML', 100, 300),
        event('EvaluateScript', 110, 129, { url: 'https://shop.example/a.js' }),
      ),
    ).toEqual([]);
  });
});
