import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCpu } from '../../src/agent/proc/cpu.ts';
import { readDisks } from '../../src/agent/proc/disk.ts';
import { readFileHandles, readOneNumber } from '../../src/agent/proc/limits.ts';
import { readMemory, readSwapping } from '../../src/agent/proc/memory.ts';
import { netCounters } from '../../src/agent/proc/net-counters.ts';
import { readPressure } from '../../src/agent/proc/pressure.ts';
import { ProcFiles } from '../../src/agent/proc/proc-files.ts';
import type { Readings, ReadProc } from '../../src/agent/proc/readings.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'proc');

function readFolder(name: string): { readings: Record<string, number>; missing: string[] } {
  const files = new ProcFiles(join(FIXTURES, name), join(FIXTURES, 'no-such-folder'));
  const readings = Object.fromEntries(files.read());
  files.close();
  return { readings, missing: files.warnings.map(({ where }) => where.slice(FIXTURES.length + 1)) };
}

describe("the kernel's files", () => {
  it('are read as Linux 6.18 writes them', async () => {
    const { readings, missing } = readFolder('linux-6.18');
    expect(missing).toEqual([]);
    await expect(`${JSON.stringify(readings, null, 1)}\n`).toMatchFileSnapshot(
      '../golden/agent/linux-6.18.json',
    );
  });

  it.skipIf(process.platform !== 'linux')('are there on this machine, and say more the second time', () => {
    const files = new ProcFiles();
    const before = files.read();
    const startMs = performance.now();
    while (performance.now() - startMs < 50);
    const after = files.read();
    files.close();
    const busy = (readings: Readings) => readings.get('cpu.user_ticks')! + readings.get('cpu.nice_ticks')!;
    expect(busy(after)).toBeGreaterThan(busy(before));
    expect([...after.keys()]).toEqual(expect.arrayContaining(['TcpRetransSegs', 'TcpExtListenOverflows']));
  });

  it('may lack what an older kernel does not have: each is said once', () => {
    const { readings, missing } = readFolder('old-kernel');
    expect(readings).toEqual({
      TcpAttemptFails: 2,
      TcpRetransSegs: 3,
      TcpExtListenOverflows: 3,
      TcpExtListenDrops: 4,
      TcpExtTCPTimeouts: 5,
    });
    expect(missing).toEqual(
      ['pressure/cpu', 'pressure/memory', 'pressure/io', 'stat', 'meminfo', 'vmstat', 'diskstats'].map(
        (path) => `old-kernel/${path}`,
      ),
    );
  });

  it('may all be missing: another system', () => {
    const empty = mkdtempSync(join(tmpdir(), 'headwater-no-proc-'));
    const files = new ProcFiles(empty);
    rmSync(empty, { recursive: true });
    expect([...files.read()]).toEqual([]);
    expect(files.warnings).toHaveLength(9);
    expect(files.warnings[0]!.message).toMatch(
      /net\/snmp is not there .* nothing is known of TCP retransmits/,
    );
  });

  it('may be broken: what is no count is left out', () => {
    expect(readFolder('dirty').readings).toEqual({
      'pressure.cpu.full_us': 77,
      cpus: 1,
      'cpu.user_ticks': 1,
      'cpu.nice_ticks': 2,
      procs_blocked: 1,
      'disk.__proto__.in_flight': 2,
      'disk.__proto__.busy_ms': 3,
      'files.open': 12,
    });
  });

  const READERS: readonly ReadProc[] = [
    ...[netCounters(), readPressure('io'), readCpu, readMemory, readSwapping, readDisks()],
    ...[readFileHandles, readOneNumber('n')],
  ];
  it.each(READERS.map((read, at) => [at, read] as const))('reader %i takes any text', (_at, read) => {
    const piece = fc.constantFrom(
      ...['Tcp: ', 'TcpExt: ', 'ListenDrops ', 'some total=', 'cpu ', 'MemTotal: ', ' kB', 'pswpin '],
      ...['9'.repeat(30), '-1', '1e9', '\n', '\0', ' ', '__proto__', '254 0 vda 1 1 1 1 1 1 1 1 1 1'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 60 }), (pieces) => {
        const readings: Readings = new Map();
        read(pieces.join(''), readings);
        for (const value of readings.values()) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
      }),
    );
  });

  it('reads one disk, not its partitions nor loops', () => {
    const readings: Readings = new Map();
    const line = (name: string) => `254 0 ${name} 1 1 1 1 1 1 1 1 5 70 1\n`;
    readDisks(new Set(['vda', 'loop0']))(line('vda') + line('vda1') + line('loop0'), readings);
    expect(Object.fromEntries(readings)).toEqual({ 'disk.vda.in_flight': 5, 'disk.vda.busy_ms': 70 });
  });
});
