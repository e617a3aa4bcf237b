/**
 * Connections, handshakes and stalls of a real Chromium: a page of thirty requests over HTTP/1.1 and over HTTP/2.
 * What is true is read from the raw NetLog here, in a few lines that share nothing with the reader.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from '../../probe/chromium.ts';
import { defineJourney } from '../../probe/journey.ts';
import { type JourneyResult, runJourney } from '../../probe/run-journey.ts';
import { analyse } from '../../src/analyse/analyse.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { http1Site, type Site, secureSite, send } from './test-site.ts';

const texts: string[] = [];
vi.mock(import('../../src/import/netlog.ts'), async (original) => {
  const module = await original();
  const readNetLog: typeof module.readNetLog = (text) => {
    texts.push(text);
    return module.readNetLog(text);
  };
  return { ...module, readNetLog };
});

const REQUESTS = 30;
const STREAMS = 6;
/** NetLog counts whole milliseconds and floors both ends; CDP, which ends the wait, does not. */
const TICKS_MS = 2;
const UPLOAD_BYTES = 300_000;
const WINDOW_BYTES = 65_535;
const READ_LATE_MS = 80;

const page = `<!doctype html><title>open</title><link rel="icon" href="data:,"><script type="module">
await Promise.all(Array.from({ length: ${REQUESTS} }, (_, i) => fetch('/item/' + i).then((r) => r.text())));
await fetch('/upload', { method: 'POST', body: 'x'.repeat(${UPLOAD_BYTES}) }).then((r) => r.text());
document.title = 'done';
</script>`;

const handler: Parameters<typeof secureSite>[1] = (request, response) => {
  if (request.url === '/') send(response, 'text/html', page);
  else if (request.url === '/upload') {
    setTimeout(() => request.resume(), READ_LATE_MS);
    request.on('end', () => send(response, 'text/plain', 'ok'));
  } else setTimeout(() => send(response, 'text/plain', String(request.url)), 50);
};

const openPage = defineJourney({ name: 'thirty requests' }, async ({ page, step, baseUrl }) => {
  await step('open', async () => {
    await page.goto(baseUrl);
    await page.waitForFunction("document.title === 'done'");
  });
});

interface Seen {
  readonly result: JourneyResult;
  readonly raw: RawEvent[];
}
async function visit(server: Site): Promise<Seen> {
  texts.length = 0;
  const result = await runJourney(openPage, {
    baseUrl: `https://localhost:${server.port}`,
    pins: [server.pin],
    dns: { mode: 'system' },
  });
  expect(result.error).toBeUndefined();
  return { result, raw: rawEvents(texts[0] ?? '') };
}

interface RawEvent {
  readonly type: string;
  readonly phase: number;
  readonly time: number;
  readonly id: number;
  readonly params: Record<string, unknown>;
}
function rawEvents(text: string): RawEvent[] {
  const log = JSON.parse(text) as {
    constants: { logEventTypes: Record<string, number>; timeTickOffset: number | string };
    events: { type: number; phase: number; time: string; source: { id: number }; params?: object }[];
  };
  const names = new Map(Object.entries(log.constants.logEventTypes).map(([name, n]) => [n, name]));
  return log.events.map((e) => ({
    type: names.get(e.type) ?? '',
    phase: e.phase,
    time: Number(e.time) + Number(log.constants.timeTickOffset),
    id: e.source.id,
    params: (e.params ?? {}) as Record<string, unknown>,
  }));
}

const typed = ({ result }: Seen, type: string): ReportedSpan[] =>
  result.spans.filter((span) => span.attributes[HEADWATER.type] === type);
const below = ({ result }: Seen, parent: ReportedSpan): ReportedSpan[] =>
  result.spans.filter((span) => span.parentSpanId === parent.spanId);
const ms = (span: ReportedSpan): number => Number(span.endUnixNano - span.startUnixNano) / 1e6;
const used = (seen: Seen): ReportedSpan[] =>
  typed(seen, 'connection').filter((c) => c.attributes['headwater.connection.requests'] !== 0);

function expectOneHandshakeAConnection(seen: Seen): void {
  const handshakes = typed(seen, 'phase').filter((phase) => phase.name === PHASES.tls);
  const paid = used(seen).filter((c) => c.attributes['headwater.connection.use'] === 'used');
  expect(handshakes).toHaveLength(paid.length);
  expect(new Set(handshakes.map((phase) => phase.parentSpanId))).toEqual(
    new Set(paid.map((c) => c.attributes[HEADWATER.paidBy])),
  );
  const begun = seen.raw.filter((e) => e.type === 'SSL_CONNECT' && e.phase === 1);
  for (const connection of used(seen))
    expect(begun.filter((e) => e.id === connection.attributes['headwater.connection_id'])).toHaveLength(1);
}

function expectEveryRequestOnARow(seen: Seen): void {
  const rows = new Map(typed(seen, 'connection').map((row) => [row.spanId, row]));
  const requests = typed(seen, 'request');
  expect(requests.length).toBeGreaterThanOrEqual(REQUESTS + 2);
  for (const request of requests) {
    const row = rows.get(String(request.attributes[HEADWATER.connection]));
    expect(
      row?.links.map((link) => link.spanId),
      request.name,
    ).toContain(request.spanId);
    expect(row?.attributes['client.port']).toBe(request.attributes['client.port']);
  }
  const links = [...rows.values()].flatMap((row) => row.links);
  expect(links).toHaveLength(requests.length);
}

function expectTiled(seen: Seen, phaseName: string, type: string): void {
  const phases = typed(seen, 'phase').filter((phase) => phase.name === phaseName);
  for (const phase of phases) {
    let at = phase.startUnixNano;
    for (const part of below(seen, phase).filter((s) => s.attributes[HEADWATER.type] === type)) {
      expect(part.startUnixNano).toBe(at);
      at = part.endUnixNano;
    }
    expect(at).toBe(phase.endUnixNano);
  }
}

function expectExactLedger({ result }: Seen): void {
  const trace = stitch(result.spans);
  if (!trace) throw new Error('nothing to stitch');
  const { report, path } = analyse(trace);
  expect(report.ledger.reduce((sum, entry) => sum + entry.ns, 0)).toBe(report.wallNs);
  const typeById = new Map(trace.spans.map((span) => [span.spanId, span.attributes[HEADWATER.type]]));
  expect(path.some((piece) => typeById.get(piece.spanId) === 'connection')).toBe(false);
}

const chromium = await findChromium();

describe.skipIf(!chromium)('thirty requests over HTTP/1.1', () => {
  let server: Site;
  let seen: Seen;
  beforeAll(async () => {
    server = await http1Site(['localhost'], handler);
    seen = await visit(server);
  });
  afterAll(() => server.close());

  it('counts each handshake once, at the request that paid', () => expectOneHandshakeAConnection(seen));
  it('puts every request on a connection’s row', () => expectEveryRequestOnARow(seen));
  it('lays flights end to end through the handshake', () => expectTiled(seen, PHASES.tls, 'tls_flight'));
  it('keeps the ledger exact', () => expectExactLedger(seen));

  it('has six connections, each told as it was', () => {
    expect(used(seen)).toHaveLength(6);
    for (const { attributes } of used(seen)) {
      expect(attributes).toMatchObject({
        'network.protocol.name': 'http',
        'network.protocol.version': '1.1',
        'network.peer.port': server.port,
        'tls.protocol.version': '1.3',
        'tls.next_protocol': 'http/1.1',
        'tls.server.subject': 'CN=localhost',
        'headwater.tls.hello_retry_request': false,
        'headwater.tls.round_trips': 1,
        'headwater.tls.expires_in_days': 89,
        'headwater.connection.ended': 'open when the run ended',
      });
      expect(attributes['tls.cipher']).toMatch(/^TLS_(AES|CHACHA20)/);
    }
  });

  it('names what each request without a free connection waited for, as long as NetLog says', () => {
    const truth = new Map<number, number>();
    for (const stalled of seen.raw.filter((e) => e.type === 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP')) {
      const job = seen.raw.filter((e) => e.id === stalled.id);
      const done = job.find((e) => e.type === 'SOCKET_POOL' && e.phase === 2);
      if (done && done.time > stalled.time)
        truth.set(stalled.time, (truth.get(stalled.time) ?? 0) + done.time - stalled.time);
    }
    expect(truth.size).toBeGreaterThan(5);
    const told = new Map<number, number>();
    let whole = 0;
    const stalls = typed(seen, 'stall').filter((s) => s.name === 'six connections per host');
    for (const stall of stalls) {
      const at = Number(stall.attributes['headwater.raw_start_unix_ms']);
      const rawMs = Number(stall.attributes['headwater.raw_end_unix_ms']) - at;
      expect(ms(stall), stall.spanId).toBeLessThanOrEqual(rawMs + TICKS_MS);
      if (ms(stall) >= rawMs - TICKS_MS) whole++;
      told.set(at, (told.get(at) ?? 0) + rawMs);
    }
    // A bar is cut where its request's own handshake begins, and where the browser's two clocks are far apart under load.
    expect(whole).toBeGreaterThan(stalls.length / 2);
    for (const [at, lengthMs] of told) expect(lengthMs).toBeLessThanOrEqual(truth.get(at) ?? 0);
    const listed = typed(seen, 'request').flatMap((r) => {
      const kinds = (r.attributes['headwater.stalls'] ?? []) as string[];
      const lengths = (r.attributes['headwater.stalls_ms'] ?? []) as number[];
      return lengths.filter((_, i) => kinds[i] === 'SOCKET_POOL_STALLED_MAX_SOCKETS_PER_GROUP');
    });
    const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
    expect(sum(listed)).toBe(sum(truth.values()));
  });
});

describe.skipIf(!chromium)('thirty requests over HTTP/2', () => {
  let server: Site;
  let seen: Seen;
  beforeAll(async () => {
    const settings = { maxConcurrentStreams: STREAMS, initialWindowSize: WINDOW_BYTES };
    server = await secureSite(['localhost'], handler, { settings });
    seen = await visit(server);
  });
  afterAll(() => server.close());

  it('counts each handshake once, at the request that paid', () => expectOneHandshakeAConnection(seen));
  it('puts every request on a connection’s row', () => expectEveryRequestOnARow(seen));
  it('lays flights end to end through the handshake', () => expectTiled(seen, PHASES.tls, 'tls_flight'));
  it('keeps the ledger exact', () => expectExactLedger(seen));

  it('has one connection, with the limits that the server set', () => {
    expect(used(seen)).toHaveLength(1);
    expect(used(seen)[0]?.attributes).toMatchObject({
      'network.protocol.version': '2',
      'headwater.http2.max_concurrent_streams': STREAMS,
      'headwater.http2.initial_window_bytes': WINDOW_BYTES,
      'headwater.connection.requests': typed(seen, 'request').length,
    });
  });

  it('names the stream limit for each request it held back, as long as NetLog says', () => {
    const stalls = typed(seen, 'stall').filter((s) => s.name === 'HTTP/2 stream limit');
    const requestById = new Map(typed(seen, 'request').map((r) => [r.spanId, r]));
    const phaseById = new Map(typed(seen, 'phase').map((p) => [p.spanId, p]));
    const told = new Map(
      stalls.map((s) => {
        const request = requestById.get(phaseById.get(s.parentSpanId ?? '')?.parentSpanId ?? '');
        return [request?.name.replace('GET ', ''), s] as const;
      }),
    );
    const held = new Map<string, number>();
    for (const e of seen.raw.filter((e) => e.type === 'HTTP2_SESSION_STALLED_MAX_STREAMS')) {
      const { pathname } = new URL(String(e.params.url));
      if (!held.has(pathname)) held.set(pathname, e.time);
    }
    // How many is a matter of load; without any there would be nothing to compare.
    expect(held.size).toBeGreaterThan(STREAMS);
    for (const [path, startMs] of held) {
      const headers = seen.raw.find(
        (e) =>
          e.type === 'HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS' &&
          (e.params.headers as string[]).includes(`:path: ${path}`),
      );
      const sent = seen.raw.find(
        (e) => e.type === 'HTTP_TRANSACTION_SEND_REQUEST' && e.phase === 1 && e.id === headers?.id,
      );
      const truthMs = (sent?.time ?? 0) - startMs;
      const stall = told.get(path);
      if (truthMs === 0) continue;
      const request = typed(seen, 'request').find((r) => r.name.endsWith(` ${path}`));
      expect(request?.attributes['headwater.stalls_ms'], path).toContain(truthMs);
      if (stall) expect(ms(stall), path).toBeLessThanOrEqual(truthMs + TICKS_MS);
    }
  });

  it('names the window that an upload waited for', () => {
    const [first] = seen.raw.filter((e) => e.type === 'HTTP2_SESSION_STREAM_STALLED_BY_STREAM_SEND_WINDOW');
    const next = seen.raw.find(
      (e) => e.type === 'HTTP2_STREAM_FLOW_CONTROL_UNSTALLED' && e.time >= (first?.time ?? 0),
    );
    const truthMs = (next?.time ?? 0) - (first?.time ?? 0);
    expect(truthMs).toBeGreaterThanOrEqual(READ_LATE_MS - 10);
    const stall = typed(seen, 'stall').find((s) => s.name === 'HTTP/2 stream window');
    expect(stall?.attributes['headwater.raw_start_unix_ms']).toBe(first?.time);
    expect(Math.abs(ms(stall as ReportedSpan) - truthMs)).toBeLessThanOrEqual(TICKS_MS);
  });
});
