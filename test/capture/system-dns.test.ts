/** Look-ups left to the browser, seen through NetLog alone: a real Chromium, a real name server on port 53. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findChromium } from '../../probe/chromium.ts';
import { runInPrivateNetwork, whyNoPrivateNetwork } from './private-network.ts';
import type { PlainSpan } from './spans.ts';

const why = whyNoPrivateNetwork() ?? ((await findChromium()) ? undefined : 'needs a Chromium');
const LIMIT_MS = 90_000;

describe.skipIf(why)(`look-ups left to the browser${why ? ` (skipped: ${why})` : ''}`, () => {
  it(
    'every try is a span, and what the browser asks for itself is counted, not shown',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'headwater-test-'));
      const resolvConf = join(folder, 'resolv.conf');
      writeFileSync(resolvConf, 'nameserver 127.0.0.53\n');
      const script = new URL('./system-dns-run.ts', import.meta.url);
      const run = await runInPrivateNetwork<{
        status: string;
        spans: PlainSpan[];
        asked: string[];
        overhead: Record<string, number>;
      }>(script, [], { limitMs: LIMIT_MS, resolvConf }).finally(() => rmSync(folder, { recursive: true }));
      expect(run.status).toBe('ok');
      const queries = run.spans.filter((s) => s.attributes['headwater.type'] === 'dns_query');
      const told = (name: string) =>
        queries
          .filter((s) => s.name === name)
          .map(({ attributes: a }) =>
            [
              a['network.transport'],
              a['headwater.dns.follows'] ?? 'first',
              a['headwater.dns.rcode'] ?? a['error.type'],
            ].join(' '),
          );
      expect(told('A lossy.example')).toEqual(['udp first timeout', 'udp timeout NOERROR']);
      expect(told('A big.example')).toEqual(['udp first NOERROR', 'tcp truncated NOERROR']);
      expect(told('A gone.example')[0]).toBe('udp first NXDOMAIN');
      expect(queries.find((s) => s.name === 'A alias.example')?.attributes['headwater.dns.aliases']).toEqual([
        'www.example',
      ]);
      expect(queries.some((s) => s.attributes['headwater.dns.cache'] === 'browser')).toBe(true);
      expect(new Set(queries.map((s) => s.source))).toEqual(new Set(['netlog']));
      const spanIds = new Set(run.spans.map((s) => s.spanId));
      expect(queries.every((s) => spanIds.has(s.parentSpanId ?? ''))).toBe(true);
      const foreign = run.asked.some((text) => !text.endsWith('.example'));
      if (foreign) expect(run.overhead.foreignDnsQueries).toBeGreaterThan(0);
      expect(queries.every((s) => s.name.endsWith('.example'))).toBe(true);
    },
    LIMIT_MS,
  );
});
