/**
 * The browser's trace as Perfetto has it: by hand for what may be wrong with one, from a real Chromium for all that is
 * in one, and there beside what Perfetto's own processor reads from the same file.
 */
import { chromium } from 'playwright';
import { beforeAll, describe, expect, it } from 'vitest';
import { startTrace } from '../../probe/cdp/browser-trace.ts';
import { sessionOf } from '../../probe/cdp/cdp-session.ts';
import { readPerfettoTrace } from '../../probe/cdp/perfetto-trace.ts';
import { findChromium } from '../../probe/chromium.ts';
import type { Fields } from '../../src/import/netlog/events.ts';
import { hasTraceProcessor, TraceProcessor } from '../export/trace-processor.ts';
import { type Field, traceFile } from './perfetto-file.ts';

const SEQUENCE: Field = [10, 1];
const NEEDS_STATE: Field = [13, 2];
const [BEGIN, END, INSTANT]: Field[] = [1, 2, 3].map((type) => [9, type]);
const MAIN = 4_648_543_883_453_066_051n;
const WORKER = MAIN + 1n;
const CPU = 77n;

const thread = (id: bigint, tid: number): Field[] => [
  SEQUENCE,
  [
    60,
    [
      [1, id],
      [
        4,
        [
          [1, 7],
          [2, tid],
        ],
      ],
    ],
  ],
];
/** State anew: µs after `atUs`, on the main thread, with its processor time. */
const begun = (atUs = 1_000): Field[] => [
  SEQUENCE,
  [13, 1],
  [
    59,
    [
      [58, 64],
      [
        11,
        [
          [11, MAIN],
          [31, CPU],
        ],
      ],
    ],
  ],
  [
    6,
    [
      [
        1,
        [
          [1, 3],
          [2, atUs * 1_000],
        ],
      ],
      [
        1,
        [
          [1, 64],
          [2, atUs],
          [3, 1],
          [4, 1_000],
        ],
      ],
    ],
  ],
];
const CPU_COUNTER: Field[] = [
  SEQUENCE,
  [
    60,
    [
      [1, CPU],
      [
        8,
        [
          [1, 1],
          [4, 1_000],
          [5, 1],
        ],
      ],
    ],
  ],
];
const HEAD = [begun(), thread(MAIN, 7), thread(WORKER, 8), CPU_COUNTER] as const;
const event = (afterUs: number, ...fields: readonly Field[]): Field[] => [
  [8, afterUs],
  SEQUENCE,
  NEEDS_STATE,
  [11, fields],
];
const named = (name: string): Field => [23, name];
const read = (...packets: readonly (readonly Field[])[]) => readPerfettoTrace(traceFile(...HEAD, ...packets));

describe('by hand', () => {
  it('makes one event of a slice, with its length, its processor time and what was said at both ends', () => {
    const events = read(
      event(
        10,
        BEGIN!,
        named('outer'),
        [12, 100],
        [
          4,
          [
            [10, 'beginData'],
            [6, 'a'],
          ],
        ],
      ),
      event(5, BEGIN!, named('inner'), [12, 2]),
      event(20, END!, [12, 8]),
      event(
        5,
        END!,
        [12, 3],
        [
          4,
          [
            [10, 'endData'],
            [4, -3],
          ],
        ],
      ),
    );
    const place = { ph: 'X', pid: 7, tid: 7 };
    expect(events).toEqual([
      { ...place, name: 'outer', ts: 1_010, dur: 30, tdur: 13, args: { beginData: 'a', endData: -3 } },
      { ...place, name: 'inner', ts: 1_015, dur: 20, tdur: 8, args: {} },
    ]);
  });

  it('tells tracks apart that differ in their last bit', () => {
    const events = read(
      event(0, BEGIN!, named('main')),
      event(1, BEGIN!, [11, WORKER], named('worker')),
      event(1, END!),
      event(1, END!, [11, WORKER]),
    );
    expect(events.map(({ name, tid, dur }) => [name, tid, dur])).toEqual([
      ['main', 7, 2],
      ['worker', 8, 2],
    ]);
  });

  it('reads names that come after the event that needs them, and once only', () => {
    const names: Field = [
      12,
      [
        [
          2,
          [
            [1, 5],
            [2, 'Layout'],
          ],
        ],
        [
          3,
          [
            [1, 6],
            [2, 'frame'],
          ],
        ],
        [
          29,
          [
            [1, 9],
            [2, 'F1'],
          ],
        ],
      ],
    ];
    const told: Field[] = [
      [10, 5],
      [
        4,
        [
          [1, 6],
          [17, 9],
        ],
      ],
    ];
    const events = read([...event(0, INSTANT!, ...told), names], event(1, INSTANT!, ...told));
    expect(events.map(({ name, args }) => [name, args])).toEqual([
      ['Layout', { frame: 'F1' }],
      ['Layout', { frame: 'F1' }],
    ]);
  });

  it('reads arguments of every kind', () => {
    const nested = (...fields: readonly Field[]): Field => [8, fields];
    const [{ args } = { args: undefined }] = read(
      event(
        0,
        INSTANT!,
        named('a'),
        [
          4,
          [
            [10, 'flag'],
            [2, true],
          ],
        ],
        [
          4,
          [
            [10, 'half'],
            [5, 0.5],
          ],
        ],
        [
          4,
          [
            [10, 'json'],
            [9, '{"a":[1]}'],
          ],
        ],
        [
          4,
          [
            [10, 'text'],
            [9, '{"a":'],
          ],
        ],
        [
          4,
          [
            [10, 'list'],
            [12, [[3, 1]]],
            [12, [[6, 'é']]],
          ],
        ],
        [
          4,
          [
            [10, 'dict'],
            [
              11,
              [
                [10, 'x'],
                [3, 1],
              ],
            ],
            [
              11,
              [
                [10, 'y'],
                [
                  11,
                  [
                    [10, 'z'],
                    [4, -1],
                  ],
                ],
              ],
            ],
          ],
        ],
        [
          4,
          [
            [10, 'old'],
            nested(
              [1, 1],
              [2, 'k'],
              [3, [[8, 'v']]],
              [2, 'l'],
              [
                3,
                [
                  [1, 2],
                  [4, [[5, -7]]],
                  [4, [[7, true]]],
                ],
              ],
            ),
          ],
        ],
      ),
    );
    expect(args).toEqual({
      ...{ flag: true, half: 0.5, json: { a: [1] }, text: '{"a":', list: [1, 'é'] },
      ...{ dict: { x: 1, y: { z: -1 } }, old: { k: 'v', l: [-7, true] } },
    });
  });

  it('takes what has a clock of its own by that clock', () => {
    const events = read(
      event(4, INSTANT!, named('relative')),
      [[8, 2_000_000], [58, 3], SEQUENCE, [11, [INSTANT!, named('absolute')]]],
      event(1, INSTANT!, named('after')),
    );
    expect(events.map(({ name, ts }) => [name, ts])).toEqual([
      ['relative', 1_004],
      ['after', 1_005],
      ['absolute', 2_000],
    ]);
  });

  it('leaves out what needs a packet that was lost, until its sequence begins anew', () => {
    const events = read(
      event(1, INSTANT!, named('before')),
      [...event(1, INSTANT!, named('needs it')), [42, 1]],
      event(1, INSTANT!, named('needs it too')),
      begun(3_000),
      event(1, INSTANT!, named('anew')),
    );
    expect(events.map(({ name, ts }) => [name, ts])).toEqual([
      ['before', 1_001],
      ['anew', 3_001],
    ]);
  });

  it('knows events of older versions by their phase', () => {
    const [profile, timing] = read(
      event(0, named('Profile'), [
        6,
        [
          [2, 80],
          [6, 26],
        ],
      ]),
      event(0, named('EventTiming'), [
        6,
        [
          [2, 98],
          [3, 5],
        ],
      ]),
    );
    expect(profile).toMatchObject({ ph: 'P', id: '0x1a', pid: 7, tid: 7 });
    expect(timing).toMatchObject({ ph: 'b', dur: 5 });
  });

  it('leaves a slice that never ended without a length, and an end that never began', () => {
    const events = read(event(0, END!), event(1, BEGIN!, named('open')));
    expect(events).toEqual([{ name: 'open', ph: 'B', ts: 1_001, pid: 7, tid: 7, args: {} }]);
  });

  it('reads what is whole of a file that was cut off anywhere, and nothing of another file', () => {
    const whole = traceFile(...HEAD, ...[1, 2, 3].map((n) => event(n, INSTANT!, named(`event ${n}`))));
    const counts = Array.from(whole, (_, i) => readPerfettoTrace(whole.subarray(0, i)).length);
    expect(counts).toEqual([...counts].sort());
    expect(new Set(counts)).toEqual(new Set([0, 1, 2]));
    expect(readPerfettoTrace(whole)).toHaveLength(3);
    expect(readPerfettoTrace(new TextEncoder().encode('{"traceEvents":[]}'))).toEqual([]);
  });
});

const PAGE = `data:text/html,<button onclick="setTimeout(spin,50)">press</button><script>
function spin(){const until=performance.now()+30;while(performance.now()<until);document.title='spun'}</script>`;

describe('of a real Chromium', () => {
  let file: Buffer;
  let events: Fields[];

  beforeAll(async () => {
    const browser = await chromium.launch({ executablePath: await findChromium() });
    const trace = await startTrace(sessionOf(await browser.newBrowserCDPSession()));
    const page = await browser.newPage();
    await page.goto(PAGE);
    await page.getByRole('button').click();
    await page.waitForFunction("document.title === 'spun'");
    file = await trace.end();
    events = readPerfettoTrace(file);
    await browser.close();
  });

  it('has the page’s work with its processor time, its timer and its click', () => {
    const spun = events.find(
      ({ name, ph, dur }) => name === 'TimerFire' && ph === 'X' && Number(dur) > 25_000,
    );
    expect(Number(spun?.tdur)).toBeGreaterThan(5_000);
    expect(Number(spun?.tdur)).toBeLessThanOrEqual(Number(spun?.dur) + 1);
    const installed = events.find(({ name }) => name === 'TimerInstall');
    expect(installed).toMatchObject({
      pid: spun?.pid,
      tid: spun?.tid,
      args: { data: { timeout: 50, singleShot: true } },
    });
    const click = events.find(
      ({ name, args }) => name === 'EventTiming' && JSON.stringify(args).includes('"click"'),
    );
    expect(click).toMatchObject({ ph: 'b', pid: spun?.pid });
  });

  it.skipIf(!hasTraceProcessor)('has the slices that Perfetto’s trace processor reads from it', async () => {
    const processor = await TraceProcessor.of(file);
    // What hangs below a thread's own track runs beside its work: `b`, not `X`.
    const theirs = processor.rowsOf(
      `SELECT slice.name, dur / 1000, pid, tid, ts FROM slice
       JOIN thread_track ON track_id = thread_track.id JOIN thread USING (utid) JOIN process USING (upid)
       WHERE dur > 0 AND thread_track.type = 'thread_track_event'`,
    );
    const ours = events
      .filter(({ ph, dur }) => ph === 'X' && Number(dur) > 0)
      .map(({ name, ts, dur, pid, tid }) => [name, dur, pid, tid, Number(ts) * 1_000]);
    type Rows = readonly (readonly unknown[])[];
    const ordered = (rows: Rows) =>
      rows
        .map(([name, dur, pid, tid, ns]) => ({
          slice: `${name} ${pid} ${tid}`,
          us: Number(dur),
          ns: Number(ns),
        }))
        .sort((a, b) => (a.slice === b.slice ? a.ns - b.ns : a.slice < b.slice ? -1 : 1));
    const [own, their] = [ordered(ours), ordered(theirs)];
    expect(their.length).toBeGreaterThan(100);
    expect(own.map(({ slice }) => slice)).toEqual(their.map(({ slice }) => slice));
    // It brings all to one clock, which moves each sequence by a microsecond or two now and then: also inside a slice.
    const apart = own.map(({ us, ns }, i) => [Math.abs(us - their[i]!.us), Math.abs(ns - their[i]!.ns)]);
    expect(Math.max(...apart.map(([us]) => us!))).toBeLessThanOrEqual(2);
    expect(Math.max(...apart.map(([, ns]) => ns!))).toBeLessThan(5_000);
  });
});
