/**
 * The demo shop's journey under a packet capture: what the spans say against packets, CDP's own numbers and HAProxy's
 * µs stamps. Two runs on two cores that did nothing else (median, and the part that is within the limit):
 *
 * | pair | median | |
 * |---|---|---|
 * | DNS question sent | 0.03 ms | 100 % within 1 ms |
 * | DNS answer noticed | 0.7 ms | 75–83 % within 1 ms, the others within the precision that the span declares |
 * | `socket connect`, length / start | 0.2–1.0 / 0.1 ms | 83–100 / 100 % within 2 ms |
 * | `TLS handshake`, length / start | 0.3–0.5 / 0.1–0.2 ms | 100 % within 2 ms |
 * | flight up to ServerHello, end | 0.3–0.5 ms | 83–100 % within 2 ms |
 * | request phases and CDP | 0.007 ms | 95 % within 0.2 ms |
 * | request sent / answered and HAProxy | 0.1–0.3 / 0.3–0.4 ms | 59–67 / 70–90 % within 1 ms, all inside the wait |
 */
import { describe, expect, it } from 'vitest';
import { findChromium } from '../../probe/chromium.ts';
import { compare, disagreements, type JourneyCapture } from './compare.ts';
import { programPath, runInPrivateNetwork, whyNoPrivateNetwork } from './private-network.ts';
import type { PlainSpan } from './spans.ts';

const missing = ['tcpdump', 'tshark', 'haproxy'].find((name) => !programPath(name));
const why =
  whyNoPrivateNetwork() ??
  (missing ? `needs ${missing}` : (await findChromium()) ? undefined : 'needs a Chromium');
const LIMIT_MS = 150_000;

/** All spans later by so much: what a wrong clock would look like. */
function shifted(capture: JourneyCapture, byMs: number): JourneyCapture {
  const byNs = BigInt(byMs) * 1_000_000n;
  const later = (span: PlainSpan) => ({
    ...span,
    startUnixNano: String(BigInt(span.startUnixNano) + byNs),
    endUnixNano: String(BigInt(span.endUnixNano) + byNs),
  });
  return { ...capture, runs: capture.runs.map((run) => ({ ...run, spans: run.spans.map(later) })) };
}

describe.skipIf(why)(`a journey under a packet capture${why ? ` (skipped: ${why})` : ''}`, () => {
  it(
    'spans agree with the packets, with CDP and with HAProxy; spans that are moved do not',
    async () => {
      const script = new URL('./journey-run.ts', import.meta.url);
      const capture = await runInPrivateNetwork<JourneyCapture>(script, [], { limitMs: LIMIT_MS });
      expect(disagreements(compare(capture))).toEqual([]);
      const kinds = (byMs: number) =>
        disagreements(compare(shifted(capture, byMs))).map((text) => text.split(':')[0]);
      for (const byMs of [4, -4])
        expect(kinds(byMs)).toEqual(
          expect.arrayContaining([
            'dnsSent',
            'connectStart',
            'tlsStart',
            'cdpSendStart',
            'cdpHeaders',
            'proxyResponse',
          ]),
        );
    },
    LIMIT_MS,
  );
});
