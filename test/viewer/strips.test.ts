import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame, Lane } from '../../src/model/report.ts';
import { indexConnections, isSpare, requestsOf } from '../../viewer/trace/connections.ts';
import { byHost, ceilingOf, formatValue, isLoud, valueAt } from '../../viewer/trace/lane-facts.ts';
import { indexMarks, marksOf } from '../../viewer/trace/marks.ts';
import { indexTrace } from '../../viewer/trace/span-index.ts';
import { frameUrl } from '../../viewer/waterfall/filmstrip.ts';
import { clusterMarks } from '../../viewer/waterfall/mark-lane.ts';
import { frameAt, thinFrames } from '../../viewer/waterfall/thin-frames.ts';
import { runView } from '../fixtures/run-view.ts';

const view = runView();
const index = indexTrace(view.trace);

describe('pictures', () => {
  const frameOf = (timeNs: number): Frame => ({ timeNs, file: `frames/${timeNs}.jpg` });

  it('never cover each other, stay inside, and end with the last', () => {
    const times = fc.uniqueArray(fc.integer({ min: -500, max: 1500 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.integer({ min: 90, max: 1000 }), (given, width) => {
        const frames = [...given].sort((a, b) => a - b).map(frameOf);
        const placed = thinFrames(frames, (ns) => ns, width, 80);
        placed.forEach(({ left }, i) => {
          expect(left).toBeGreaterThanOrEqual(i === 0 ? 0 : (placed[i - 1]?.left ?? 0) + 80);
          expect(left + 80).toBeLessThanOrEqual(width);
        });
        const inside = frames.filter(({ timeNs }) => timeNs >= 0 && timeNs <= width);
        if (inside.length > 0) expect(placed.at(-1)?.frame).toBe(inside.at(-1));
      }),
    );
  });

  it('at an instant are the last before it', () => {
    const frames = [10, 20].map(frameOf);
    expect([5, 10, 19, 25].map((ns) => frameAt(frames, ns)?.timeNs)).toEqual([undefined, 10, 10, 20]);
  });

  it('are asked for only by plain names', () => {
    expect(frameUrl('abc', frameOf(1))).toBe('/api/runs/abc/files/frames/1.jpg');
    for (const file of ['../x', 'a/../b', '//evil.example/x', 'javascript:1', 'a?b', '.x', ''])
      expect(frameUrl('abc', { timeNs: 0, file }), file).toBeUndefined();
  });
});

describe('lanes', () => {
  const lane = (unit: string, values: number[], limit?: number): Lane => ({
    host: 'h',
    name: 'n',
    unit,
    timesNs: values.map((_, i) => (i + 1) * 100),
    values,
    limit,
  });

  it('hold each value since the instant before it', () => {
    const steps = lane('1', [1, 2, 3]);
    expect([-1, 0, 100, 101, 300, 301].map((ns) => valueAt(steps, ns))).toEqual([
      undefined,
      1,
      1,
      2,
      3,
      undefined,
    ]);
    expect(valueAt(lane('1', []), 5)).toBeUndefined();
  });

  it('are loud when something went wrong or is near full, and calm otherwise', () => {
    expect(isLoud(lane('%', [10, 60]))).toBe(true);
    expect(isLoud(lane('%', [10, 40], 100))).toBe(false);
    expect(isLoud(lane('{packet}', [0, 1]))).toBe(true);
    expect(isLoud(lane('{packet}', [0, 0]))).toBe(false);
    expect(isLoud(lane('By', [60], 100))).toBe(false);
    expect(isLoud(lane('By', [95], 100))).toBe(true);
    expect(isLoud(lane('1', [1e9]))).toBe(false);
  });

  it('show a limit only where the line is not pressed flat by it', () => {
    expect(ceilingOf(lane('{connection}', [5], 10))).toBe(10);
    expect(ceilingOf(lane('{connection}', [5], 4096))).toBeLessThan(10);
    expect(ceilingOf(lane('%', [3]))).toBe(100);
    expect(ceilingOf(lane('1', [0, 0]))).toBeGreaterThan(0);
  });

  it('say their values as people do', () => {
    const said = [
      formatValue(3.2e9, 'By'),
      formatValue(12, 'By'),
      formatValue(1, '{packet}'),
      formatValue(2, '{packet}'),
      formatValue(27, '{process}'),
      formatValue(98.4, '%'),
      formatValue(0.04, '1'),
      formatValue(7, 'ms'),
    ];
    expect(said).toEqual(['3.2 GB', '12 B', '1 packet', '2 packets', '27 processes', '98 %', '0', '7 ms']);
  });

  it('stand by host, the loud ones first', () => {
    const [web, db] = byHost(view.lanes ?? []);
    expect([web?.host, web?.loud.length]).toEqual(['web-2', 0]);
    expect(db?.lanes.map(({ name }) => name)).toEqual(['CPU busy', 'TCP retransmits', 'disk queue sda']);
  });
});

describe('marks', () => {
  const marks = indexMarks(index);

  it('know errors, warnings and milestones', () => {
    expect(marks.ofPage.map(({ kind, name }) => `${kind}: ${name}`)).toEqual([
      'milestone: first contentful paint',
      'warning: console warning',
      'milestone: largest contentful paint',
      'milestone: layout shift',
      'error: exception',
    ]);
  });

  it('of a span are its own, or those below it too', () => {
    expect(marksOf(marks, index, 0, false)).toEqual([]);
    expect(marksOf(marks, index, 0, true)).toHaveLength(marks.all.length);
    for (const mark of marks.all) expect(marksOf(marks, index, mark.span, false)).toContain(mark);
  });

  it('too near to tell apart share one place', () => {
    const clusters = clusterMarks(marks.ofPage, (ns) => ns / 1e7);
    expect(clusters.map((cluster) => cluster.marks.length)).toEqual([3, 1, 1]);
  });
});

it('connections know who paid and who rode, and which were never used', () => {
  const connections = indexConnections(index);
  expect(connections.all).toHaveLength(3);
  const [used = -1, spare = -1] = connections.all;
  expect(requestsOf(connections, used)).toHaveLength(35);
  expect([isSpare(connections, used), isSpare(connections, spare)]).toEqual([false, true]);
  const payer = connections.useOf.get(used)?.payer ?? -1;
  expect(index.spans[payer]?.name).toBe('GET /');
  expect(connections.ofRequest.get(payer)).toBe(used);
});
