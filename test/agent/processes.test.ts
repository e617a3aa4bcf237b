import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/agent/lanes.ts';
import { readListeners } from '../../src/agent/proc/listeners.ts';
import { ProcessWatch } from '../../src/agent/proc/process-watch.ts';
import { processLanes } from '../../src/agent/process-lanes.ts';

const OWN = { pid: process.pid, program: 'node', port: 80 };

describe('programs that listen', () => {
  it('are read with all who share a socket, each once', () => {
    const text = [
      'LISTEN 0      511          127.0.0.1:8080       0.0.0.0:*    users:(("node",pid=4711,fd=18),("node",pid=4712,fd=18))   ',
      'LISTEN 0      4096                 *:443              *:*    users:(("haproxy",pid=9,fd=6))',
      'LISTEN 0      511          127.0.0.1:8081       0.0.0.0:*    users:(("node",pid=4711,fd=19))',
      'LISTEN 0      128            0.0.0.0:22         0.0.0.0:*',
      'nonsense pid=5, ("x",pid=6,',
    ].join('\n');
    expect(readListeners(text)).toEqual([
      { pid: 4711, program: 'node', port: 8080 },
      { pid: 4712, program: 'node', port: 8080 },
      { pid: 9, program: 'haproxy', port: 443 },
    ]);
  });
});

describe.skipIf(process.platform !== 'linux')('a process that is followed (Linux)', () => {
  const spend = (watch: ProcessWatch) => {
    const readings = new Map<string, number>();
    watch.readInto(readings);
    return readings.get(`process.${process.pid}.cpu_ns`)!;
  };

  it('has the CPU time that it spent between two looks, to the millisecond', () => {
    const watch = new ProcessWatch();
    watch.follow([OWN]);
    const before = spend(watch);
    const usedBefore = process.cpuUsage();
    const startMs = performance.now();
    while (performance.now() - startMs < 100);
    const spentNs = spend(watch) - before;
    const used = process.cpuUsage(usedBefore);
    watch.close();
    // One thread of it: at most what all of them had, and far more than nothing.
    expect(spentNs).toBeGreaterThan(5e6);
    expect(spentNs).toBeLessThan((used.user + used.system) * 1_000 + 20e6);
  });

  it('counts its busiest thread, whichever that is', async () => {
    const watch = new ProcessWatch();
    const worker = new Worker('const t = Date.now(); while (Date.now() - t < 400);', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    watch.follow([OWN]);
    const before = spend(watch);
    await new Promise((resolve) => worker.once('exit', resolve));
    const after = spend(watch);
    watch.close();
    // The worker has ended and its account with it: nothing is made up, and nothing throws.
    expect(after).toBeGreaterThanOrEqual(before);
  });

  it('that is not there is not followed', () => {
    const watch = new ProcessWatch();
    watch.follow([{ pid: 4_194_305, program: 'gone', port: 1 }]);
    expect(watch.listeners).toEqual([]);
  });
});

describe('lanes of processes', () => {
  const at = (ms: number, cpuMs: number, waitedMs: number): Snapshot => ({
    unixNano: BigInt(ms) * 1_000_000n,
    readings: new Map([
      ['process.7.cpu_ns', cpuMs * 1e6],
      ['process.7.waited_ns', waitedMs * 1e6],
    ]),
  });

  it('say how much of each interval a process computed and waited', () => {
    const lanes = processLanes(
      [at(0, 0, 0), at(100, 80, 0), at(200, 90, 60)],
      [{ pid: 7, program: 'java', port: 8080 }],
    );
    expect(lanes).toMatchObject([
      { name: 'CPU: java :8080', unit: '%', values: [80, 10], osProcess: { pid: 7, quantity: 'cpu' } },
      { name: 'waiting for a CPU: java :8080', values: [0, 60], osProcess: { pid: 7, quantity: 'cpu_wait' } },
    ]);
  });

  it('are left out for a process that did nothing, and for one that was never read', () => {
    const listeners = [
      { pid: 7, program: 'java', port: 8080 },
      { pid: 8, program: 'idle', port: 8081 },
    ];
    expect(processLanes([at(0, 0, 0), at(100, 0, 0)], listeners)).toEqual([]);
  });
});
