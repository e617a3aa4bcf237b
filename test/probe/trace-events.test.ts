/** Readers of the browser's trace on what no browser would say: they neither throw nor invent. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInteractions } from '../../probe/cdp/interactions.ts';
import { readMainThread } from '../../probe/cdp/main-thread.ts';
import { readWaits } from '../../probe/cdp/page-waits.ts';
import type { Fields } from '../../src/import/netlog/events.ts';

const FRAME = 'F';
const frames = new Set([FRAME]);
const at = (name: string, ts: number, data: Fields = {}, more: Fields = {}): Fields => ({
  name,
  ts,
  pid: 1,
  tid: 1,
  ph: 'I',
  args: { data: { frame: FRAME, ...data } },
  ...more,
});
const task = (startS: number) => ({ kind: 'TimerFire', startS, endS: startS + 0.01, msByWork: {} });

describe('waits', () => {
  const read = (events: Fields[], ...starts: number[]) =>
    readWaits(events, frames, starts.map(task)).map(({ kind, startS, endS }) => [kind, startS, endS]);

  it('a timer lasts from its setting to its firing, when a task began with it', () => {
    const events = [
      at('TimerInstall', 1e6, { timerId: 1, singleShot: true, timeout: 500 }),
      at('TimerFire', 1.5e6, { timerId: 1 }),
    ];
    expect(read(events, 1.5)).toEqual([['timer', 1, 1.5]]);
    expect(read(events, 1.6)).toEqual([]);
  });

  it('an interval begins again whenever it fires', () => {
    const events = [
      at('TimerInstall', 1e6, { timerId: 1, singleShot: false, timeout: 100 }),
      at('TimerFire', 1.25e6, { timerId: 1 }),
      at('TimerFire', 1.5e6, { timerId: 1 }),
    ];
    expect(read(events, 1.25, 1.5)).toEqual([
      ['timer', 1, 1.25],
      ['timer', 1.25, 1.5],
    ]);
  });

  it('a timer that was taken back, or was set before anybody watched, is none', () => {
    const events = [
      at('TimerInstall', 1e6, { timerId: 1 }),
      at('TimerRemove', 1.1e6, { timerId: 1 }),
      at('TimerFire', 1.2e6, { timerId: 1 }),
    ];
    expect(read(events, 1.2)).toEqual([]);
    expect(read([at('TimerFire', 1.2e6, { timerId: 9 })], 1.2)).toEqual([]);
  });
});

describe('interactions', () => {
  const timing = (kind: string, ts: number, duration: number, from: number, to: number, interactionId = 7) =>
    at(
      'EventTiming',
      ts,
      { type: kind, duration, timeStamp: 0, processingStart: from, processingEnd: to, interactionId },
      { ph: 'b' },
    );

  it('events of one id are one, from the first to the last paint', () => {
    const [click, ...more] = readInteractions(
      [
        timing('pointerdown', 1e6, 40, 2, 3),
        timing('click', 1.01e6, 50, 4, 44),
        timing('mouseover', 1e6, 90, 1, 2, 0),
      ],
      frames,
    );
    expect(more).toEqual([]);
    expect(click).toMatchObject({ kind: 'click', startS: 1, inputDelayMs: 2, processingMs: 52 });
    expect(click?.endS).toBeCloseTo(1.06, 9);
    expect(click?.presentationMs).toBeCloseTo(6, 6);
  });

  it('a length that cannot be is no interaction', () => {
    expect(
      readInteractions([timing('click', 1e6, -1, 2, 3), timing('click', 1e6, 40, 3, 2)], frames),
    ).toEqual([]);
  });
});

describe('any trace events', () => {
  it('are read without throwing', () => {
    const names = fc.constantFrom(
      'TimerInstall',
      'TimerFire',
      'EventTiming',
      'CommitLoad',
      'FunctionCall',
      'firstPaint',
      '__proto__',
    );
    const value = fc.oneof(
      fc.integer(),
      fc.double(),
      fc.string(),
      fc.constant(null),
      fc.constant(FRAME),
      fc.object(),
    );
    const event = fc.record({
      name: fc.oneof(names, value),
      ts: value,
      dur: value,
      tdur: value,
      ph: fc.constantFrom('X', 'b', 'I'),
      pid: value,
      tid: value,
      args: fc.oneof(
        value,
        fc.record({
          data: fc.oneof(
            value,
            fc.dictionary(fc.constantFrom('frame', 'timerId', 'duration', 'url', 'interactionId'), value),
          ),
        }),
      ),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        for (const wait of readMainThread(events, frames, frames).waits)
          expect(wait.endS).toBeGreaterThanOrEqual(wait.startS);
      }),
    );
  });
});
