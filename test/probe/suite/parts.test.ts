/** A browser's NetLog and trace, cut for one of the tests that used it. */
import { describe, expect, it } from 'vitest';
import { netLogPart } from '../../../probe/suite/netlog-part.ts';
import { tracePart } from '../../../probe/suite/trace-part.ts';
import type { Connection, Exchange, NetLog } from '../../../src/import/netlog.ts';

const OURS = '4bf92f3577b34da6a3ce929d0e0e4736';
const OTHERS = '0af7651916cd43dd8448eb211c80319c';
const sent = (traceId: string) => `00-${traceId}-00f067aa0ba902b7-01`;

const exchange = (startUnixMs: number, traceparent?: string) =>
  ({ url: 'https://shop.example/', startUnixMs, traceparent }) as Exchange;
const connection = (startUnixMs: number) => ({ tcp: { startUnixMs } }) as Connection;
const netLog: NetLog = {
  exchanges: [
    exchange(900),
    exchange(999),
    exchange(1_500, sent(OURS)),
    exchange(1_600, sent(OTHERS)),
    exchange(2_500),
  ],
  connections: [connection(900), connection(1_400)],
  dnsJobs: [],
  lookups: [],
  cachedLookups: [
    { host: 'shop.example', unixMs: 1_200, addresses: [] },
    { host: 'shop.example', unixMs: 2_100, addresses: [] },
  ],
  truncated: false,
  warnings: [],
};

describe('the NetLog of a browser that tests share', () => {
  it('is cut by time, NetLog’s early stamps allowed for, and by trace', () => {
    const part = netLogPart(netLog, [1_001, 2_000], OURS);
    expect(part.exchanges.map(({ startUnixMs }) => startUnixMs)).toEqual([999, 1_500]);
    expect(part.connections.map(({ tcp }) => tcp.startUnixMs)).toEqual([1_400]);
    expect(part.cachedLookups).toHaveLength(1);
    expect(netLog.exchanges).toHaveLength(5);
  });
});

describe('the trace of a browser that tests share', () => {
  const event = (seconds: number) => ({ name: 'FunctionCall', ts: seconds * 1e6 });
  const record = {
    windowMs: [1_000_010_000, 1_000_020_000] as const,
    seen: { network: { requests: [{ issuedS: 11, issuedUnixS: 1_000_011 }] } },
  };

  it('is cut by the browser’s own clock', () => {
    const events = [5, 12, 19, 21, 25].map(event);
    const part = tracePart(events, record as unknown as Parameters<typeof tracePart>[1]);
    expect(part.map(({ ts }) => Number(ts) / 1e6)).toEqual([12, 19]);
  });

  it('is nothing when the test asked for nothing', () => {
    const asked = { ...record, seen: { network: { requests: [] } } };
    expect(tracePart([event(12)], asked as unknown as Parameters<typeof tracePart>[1])).toEqual([]);
  });
});
