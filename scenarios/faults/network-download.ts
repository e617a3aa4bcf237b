import type { Fault } from './fault.ts';

const FAULT = 'network-download';
/** 16 Mbit/s: a middling mobile connection. */
const BYTES_PER_SECOND = 2_000_000;
/** All that the shop usually answers comes at once. */
const BURST_BYTES = 128 * 1024;

export const networkDownload: Fault = {
  name: FAULT,
  title: 'A large answer over a slow last mile',
  how: 'The answer to the order carries far more than anybody reads, and a relay before the load balancer lets 16 Mbit/s through.',
  cost: 'Placing an order waits for the download, once.',
  expected: { layer: 'network', cause: 'network.download' },
  defaultMs: 150,
  apply({ mischief, relays }, ms) {
    const bytes = BURST_BYTES + (ms / 1_000) * BYTES_PER_SECOND;
    mischief.web.push({
      ...{ fault: FAULT, route: 'POST /api/order', deed: 'pad', ms },
      options: { bytes },
    });
    const rules = { bytesPerSecond: BYTES_PER_SECOND, burstBytes: BURST_BYTES };
    relays.push({ fault: FAULT, hop: 'browser → proxy', rules });
  },
};
