import { describe, expect, it } from 'vitest';
import { lanesFrom, type Snapshot } from '../../src/agent/lanes.ts';

const at = (ms: number, readings: Record<string, number>): Snapshot => ({
  unixNano: BigInt(ms) * 1_000_000n,
  readings: new Map(Object.entries(readings)),
});

const lane = (name: string, ...snapshots: Snapshot[]) =>
  lanesFrom(snapshots).find((candidate) => candidate.name === name);

describe('lanes', () => {
  it('tell of a counter what was added, and only when it rose', () => {
    const key = 'TcpExtListenOverflows';
    const rising = [at(0, { [key]: 5 }), at(100, { [key]: 5 }), at(200, { [key]: 8 })];
    expect(lane('listen queue overflows', ...rising)).toEqual({
      name: 'listen queue overflows',
      unit: '{connection}',
      timesUnixNano: ['100000000', '200000000'],
      values: [0, 3],
    });
    expect(lane('listen queue overflows', at(0, { [key]: 5 }), at(100, { [key]: 5 }))).toBeUndefined();
  });

  it('leave out an interval in which a counter went back', () => {
    const key = 'TcpRetransSegs';
    const reset = [at(0, { [key]: 5 }), at(100, { [key]: 1 }), at(200, { [key]: 3 })];
    expect(lane('TCP retransmits', ...reset)).toMatchObject({ timesUnixNano: ['200000000'], values: [2] });
  });

  it('take a quantity that is read less often from one reading to the next that has it', () => {
    const key = 'swap.in_pages';
    const seldom = [
      at(0, { [key]: 5 }),
      at(100, {}),
      at(200, { [key]: 9 }),
      at(300, {}),
      at(400, { [key]: 9 }),
    ];
    expect(lane('pages swapped in', ...seldom)).toMatchObject({
      timesUnixNano: ['200000000', '400000000'],
      values: [4, 0],
    });
  });

  it('tell of pressure the share of time', () => {
    const some = 'pressure.cpu.some_us';
    const pressed = [at(0, { [some]: 0 }), at(100, { [some]: 25_000 }), at(200, { [some]: 225_000 })];
    // 25 of 100 ms; then more than there is, because the two clocks differ: never above 100.
    expect(lane('CPU pressure', ...pressed)).toMatchObject({ values: [25, 100], limit: 100, unit: '%' });
    expect(lane('CPU pressure', at(0, { [some]: 0 }), at(100, { [some]: 900 }))).toBeUndefined();
  });

  it('tell how busy CPUs were by ticks, waiting for a disk not counted', () => {
    const ticks = (user: number, idle: number, iowait: number, steal: number) => ({
      ...{ 'cpu.user_ticks': user, 'cpu.idle_ticks': idle, 'cpu.iowait_ticks': iowait },
      'cpu.steal_ticks': steal,
    });
    const [a, b] = [at(0, ticks(0, 0, 0, 0)), at(100, ticks(4, 10, 5, 1))];
    expect(lane('CPU busy', a, b)?.values).toEqual([25]);
    expect(lane('CPU stolen by other guests', a, b)?.values).toEqual([5]);
  });

  it('tell of a table only when it is nearly full', () => {
    const table = (count: number) => [
      at(0, { 'conntrack.count': count, 'conntrack.limit': 100 }),
      at(100, { 'conntrack.count': count, 'conntrack.limit': 100 }),
      at(200, { procs_running: 1 }),
    ];
    expect(lane('conntrack entries', ...table(79))).toBeUndefined();
    expect(lane('conntrack entries', ...table(80))).toMatchObject({ values: [80], limit: 100 });
  });

  it('tell of each disk that was at work', () => {
    const disk = (inFlight: number, busyMs: number) => ({
      ...{ 'disk.vda.in_flight': inFlight, 'disk.vda.busy_ms': busyMs },
      ...{ 'disk.vdb.in_flight': 0, 'disk.vdb.busy_ms': 9 },
    });
    const names = lanesFrom([at(0, disk(0, 0)), at(100, disk(3, 50))]).map(({ name }) => name);
    expect(names).toEqual(['disk queue vda', 'disk busy vda']);
  });

  it('need two readings', () => {
    expect(lanesFrom([])).toEqual([]);
    expect(lanesFrom([at(0, { procs_running: 9 })])).toEqual([]);
  });
});
