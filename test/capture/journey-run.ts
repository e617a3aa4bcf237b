/**
 * Walks the demo shop's checkout under a packet capture, in a private network. Gives what each witness says:
 * `{runs: [{spans, cdp}], packets, haproxy}`. The comparison is the test's.
 */

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { runJourney } from '../../probe/run-journey.ts';
import checkout from '../../scenarios/checkout.ts';
import { startShop } from '../../scenarios/shop/start.ts';
import { startReceivers } from '../scenarios/receivers.ts';
import { readCapture, startCapture } from './capture.ts';
import { giveResult } from './private-network.ts';
import type { CdpStamps } from './spans.ts';

const RUNS = 3;

/** A CDP session beside the probe's own: what the browser says, without anything of ours in between. */
async function watchCdp(page: Page): Promise<CdpStamps[]> {
  const session = await page.context().newCDPSession(page);
  const offsetMsById = new Map<string, number>();
  const stamps: CdpStamps[] = [];
  session.on('Network.requestWillBeSent', ({ requestId, wallTime, timestamp }) =>
    offsetMsById.set(requestId, (wallTime - timestamp) * 1_000),
  );
  session.on('Network.responseReceived', ({ requestId, response: { url, timing } }) => {
    const offsetMs = offsetMsById.get(requestId);
    if (!timing || offsetMs === undefined || timing.sendStart < 0) return;
    const at = (ms: number) => timing.requestTime * 1_000 + offsetMs + ms;
    stamps.push({
      url,
      sendStartMs: at(timing.sendStart),
      sendEndMs: at(timing.sendEnd),
      headersMs: at(timing.receiveHeadersStart ?? timing.receiveHeadersEnd),
    });
  });
  await session.send('Network.enable');
  return stamps;
}

const receivers = await startReceivers();
const shop = await startShop({ ...receivers, proxy: 'haproxy' });
const file = join(tmpdir(), 'lo.pcap');
const stop = await startCapture(file);
const runs = [];
try {
  for (let i = 0; i < RUNS; i++) {
    let cdp: CdpStamps[] = [];
    const journey = {
      ...checkout,
      body: async (given: Parameters<typeof checkout.body>[0]) => {
        cdp = await watchCdp(given.page);
        await checkout.body(given);
      },
    };
    const { status, error, spans } = await runJourney(journey, {
      baseUrl: shop.url,
      dns: { mode: 'iterative', roots: [...shop.dnsRoots] },
      pins: shop.pins,
    });
    if (status !== 'ok') throw new Error(`The journey failed: ${error}`);
    runs.push({ spans, cdp });
  }
} finally {
  await stop();
  await shop.stop();
  await receivers.close();
}
const tls = Number(new URL(shop.url).port);
const packets = readCapture(file, { dns: shop.dnsRoots[0]?.port ?? 53, tls });
giveResult({ runs, packets, haproxy: receivers.lines, tls });
process.exit(0);
