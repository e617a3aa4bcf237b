/** How many connections waited to be accepted, per listening port, over a run. */
import type { SampledLane } from '../../run/host-samples.ts';
import type { TcpSocket } from './ss-line.ts';

interface Queue {
  readonly timesUnixNano: string[];
  readonly values: number[];
  limit: number;
}

/** Ports that are followed; a host that listens on more is no usual one. */
const MAX_PORTS = 1_000;

export class ListenQueues {
  readonly #queueByPort = new Map<number, Queue>();

  snapshot(sockets: readonly TcpSocket[], unixNano: bigint): void {
    const listening = new Map<number, { length: number; limit: number }>();
    for (const { state, local, receiveQueue, sendQueue } of sockets) {
      if (state !== 'LISTEN') continue;
      // Several processes may listen on one port, each with a queue of its own: the fullest tells.
      const known = listening.get(local.port);
      if (known && known.length >= receiveQueue) continue;
      listening.set(local.port, { length: receiveQueue, limit: sendQueue });
    }
    for (const [port, { length, limit }] of listening) this.#add(port, length, limit, String(unixNano));
  }

  #add(port: number, length: number, limit: number, unixNano: string): void {
    let queue = this.#queueByPort.get(port);
    if (!queue) {
      if (this.#queueByPort.size >= MAX_PORTS) return;
      queue = { timesUnixNano: [], values: [], limit };
      this.#queueByPort.set(port, queue);
    }
    queue.limit = limit;
    queue.values.push(length);
    queue.timesUnixNano.push(unixNano);
  }

  /** Those in which anybody ever waited, fullest first. */
  lanes(): SampledLane[] {
    return [...this.#queueByPort]
      .map(([port, queue]) => ({ port, queue, peak: queue.values.reduce((a, b) => Math.max(a, b), 0) }))
      .filter(({ peak }) => peak > 0)
      .sort((a, b) => b.peak - a.peak)
      .map(({ port, queue: { timesUnixNano, values, limit } }) => ({
        name: `listen queue :${port}`,
        unit: '{connection}',
        timesUnixNano,
        values,
        limit,
      }));
  }
}
