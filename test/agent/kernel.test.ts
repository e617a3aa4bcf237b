/** The real thing: a full listen queue and lost packets, in a network of its own, as a real kernel tells of them. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../src/agent/answer.ts';
import { connectionSpans } from '../../src/agent/connection-spans.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { HOST_LANES } from '../../src/model/host-lanes.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported, TRACE_ID } from '../stitch/reported.ts';

/** Needs Linux, root, and iproute2's tc. */
function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['-n', 'tc', '-Version'], { stdio: 'ignore' });
    return process.platform === 'linux';
  } catch {
    return false;
  }
}

interface Seen {
  readonly startedUnixMs: number;
  readonly endedUnixMs: number;
  readonly clientPorts: readonly number[];
  readonly told: Pick<Answer, 'lanes' | 'connections' | 'socketIntervalMs' | 'warnings'>;
}

describe.skipIf(!canUnshare())('a kernel with trouble (needs root and tc)', () => {
  let seen: Seen;
  beforeAll(() => {
    const script = join(import.meta.dirname, 'private-network.ts');
    const said = execFileSync('unshare', ['-n', process.execPath, '--import', 'tsx', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    seen = JSON.parse(said) as Seen;
  });
  const total = (name: string) =>
    seen.told.lanes.find((lane) => lane.name === name)?.values.reduce((sum, value) => sum + value, 0) ?? 0;

  it('tells of a full listen queue: its length, the overflows, the first packets that were sent again', () => {
    const queue = seen.told.lanes.find((lane) => lane.name === 'listen queue :20104');
    expect(Math.max(...(queue?.values ?? [0]))).toBeGreaterThan(queue?.limit ?? 0);
    expect(total(HOST_LANES.listenOverflows)).toBeGreaterThan(0);
    expect(total(HOST_LANES.synRetransmits)).toBeGreaterThan(0);
    const refused = seen.told.connections.filter(
      ({ peer, state }) => peer.port === 20_104 && state === 'SYN-SENT',
    );
    expect(refused.flatMap(({ retransmits }) => retransmits.map((look) => look.whileConnecting))).toContain(
      true,
    );
  });

  it('tells of lost packets which connection lost them, though it lived shorter than two looks', () => {
    expect(total(HOST_LANES.tcpRetransmits)).toBeGreaterThan(0);
    const clients = seen.told.connections.filter(({ local }) => seen.clientPorts.includes(local.port));
    expect(clients).toHaveLength(5);
    expect(clients.every(({ bytesSent }) => bytesSent >= 200_000)).toBe(true);
    expect(clients.flatMap(({ retransmits }) => retransmits).length).toBeGreaterThan(0);
    for (const { rttMs } of clients) expect(rttMs).toBeGreaterThan(0);
  });

  it('joins both ends of each to the browser’s connection by its ports', () => {
    const from = unixNanoFromMs(seen.startedUnixMs);
    const to = unixNanoFromMs(seen.endedUnixMs);
    const own = { startUnixNano: from, endUnixNano: to };
    const browser = seen.clientPorts.map((port) =>
      reported(`c${port}`, 'run', 0, 0, {
        ...own,
        type: 'connection',
        attributes: {
          [HEADWATER.clientPort]: port,
          'network.peer.port': 20_900,
          'network.peer.address': '127.0.0.1',
        },
      }),
    );
    const host = connectionSpans(TRACE_ID, { host: 'web-1', ...seen.told }, { lowNs: -1, highNs: 1 });
    const trace = stitch([reported('run', undefined, 0, 0, { ...own, type: 'run' }), ...browser, ...host])!;
    for (const connection of trace.spans.filter(({ name }) => /^c\d+$/.test(name)))
      expect(trace.spans.filter(({ parentId }) => parentId === connection.spanId)).toHaveLength(2);
    // What the run did not use is not in its trace.
    expect(trace.spans).toHaveLength(1 + 5 + 10);
  });
});
