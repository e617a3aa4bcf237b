/** Pulling traces: on stand-ins that replay what the real Jaeger and Zipkin answered, and on those where they are to be had. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import { fetchNamed } from '../../src/pull/fetch-named.ts';
import { pullWitness } from '../../src/pull/pull-witness.ts';
import { type BackendAddress, backendAddress, openBackend } from '../../src/pull/trace-backend.ts';
import { settle } from '../../src/run/settle.ts';
import type { Testimony, Witness } from '../../src/run/witness.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { fixture } from '../import/check-import.ts';
import { idOf, reported } from '../stitch/reported.ts';
import { JAEGER_SERVICES, type StandIn, standIn, ZIPKIN_SERVICES } from './stand-in.ts';
import { JAEGER, startJaeger, startZipkin, ZIPKIN_JAR } from './trace-backends.ts';

const jaegerTrace = fixture('jaeger', 'jaeger-1.76.json').toString();
const JAEGER_ID = /"traceID":"(\w+)"/.exec(jaegerTrace)![1]!;
const ZIPKIN_ID = '000000000000000086154a4ba6e91385';
const zipkinTrace = fixture('zipkin', 'zipkin-3.5.json');
const jaegerPath = `/api/traces/${JAEGER_ID}?raw=true`;

/** Nobody listens there: ports below 1024 are not given out by chance, and tests need no one's leave to find them closed. */
const CLOSED = 'http://127.0.0.1:2';

const open: StandIn[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});
async function serve(answers: StandIn['answers']): Promise<StandIn> {
  const server = await standIn(answers);
  open.push(server);
  return server;
}
const jaeger = (answers: StandIn['answers'] = {}) =>
  serve({ '/api/services': { body: JAEGER_SERVICES }, ...answers });
const witnessOf = (address: string | BackendAddress, known: readonly ReportedSpan[] = []): Witness =>
  pullWitness({
    address: typeof address === 'string' ? backendAddress(address) : address,
    known: () => known,
  });

/** Asks until `isTrue` of all that was told. */
async function askUntil(
  witness: Witness,
  traceId: string,
  isTrue: (all: Testimony) => boolean,
): Promise<Testimony> {
  const all = { spans: [] as ReportedSpan[], warnings: [] as Testimony['warnings'][number][] };
  for (let tries = 0; tries < 600 && !isTrue(all); tries++) {
    const told = await witness.ask!(traceId);
    all.spans.push(...told.spans);
    all.warnings.push(...told.warnings);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return all;
}

describe('which backend it is', () => {
  it.each([
    ['jaeger', { '/api/services': { body: JAEGER_SERVICES } }],
    ['zipkin', { '/api/v2/services': { body: ZIPKIN_SERVICES } }],
    ['tempo', { '/api/echo': { body: 'echo', type: 'text/plain' } }],
  ] as const)('%s is known by asking', async (kind, answers) => {
    const { url } = await serve(answers);
    expect((await openBackend(backendAddress(`${url}/`))).kind).toBe(kind);
  });

  it('says so of a server that is none, even one that answers everything', async () => {
    const page = { body: '<!doctype html>', type: 'text/html' };
    const { url } = await serve({ '/api/services': page, '/api/v2/services': page, '/api/echo': page });
    await expect(openBackend(backendAddress(url))).rejects.toThrow('is neither Jaeger, Tempo nor Zipkin');
  });

  it('is believed when it is said', async () => {
    const server = await serve({});
    const backend = await openBackend(backendAddress(`tempo=${server.url}`));
    expect([backend.kind, server.asked]).toEqual(['tempo', []]);
  });
});

describe('its address', () => {
  it.each(['nonsense', 'ftp://x', 'elastic=http://x', 'http://'])('"%s" is refused', (text) => {
    expect(() => backendAddress(text)).toThrow('such as http://127.0.0.1:16686');
  });

  it('keeps name and password out of what is said, and sends them', async () => {
    const server = await jaeger();
    const address = backendAddress(server.url.replace('://', '://me:s%40cret@'));
    expect(address.url).toBe(server.url);
    await openBackend(address);
    const sent = server.requests[0]?.headers.authorization ?? '';
    expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe('me:s@cret');
  });
});

describe('asking for a trace', () => {
  it('Jaeger, for the times as they were reported', async () => {
    const server = await jaeger({ [jaegerPath]: { body: jaegerTrace } });
    const backend = await openBackend(backendAddress(server.url));
    expect((await backend.ask(JAEGER_ID))?.spans.map(({ name }) => name)).toEqual([
      'SELECT shop',
      'POST /cart',
    ]);
    expect(await backend.ask('ab')).toBeUndefined();
  });

  it('Zipkin', async () => {
    const server = await serve({ [`/api/v2/trace/${ZIPKIN_ID}`]: { body: zipkinTrace } });
    const backend = await openBackend(backendAddress(`zipkin=${server.url}`));
    expect((await backend.ask(ZIPKIN_ID))?.spans).toHaveLength(4);
    expect(await backend.ask('ab')).toBeUndefined();
  });

  it.each([
    ['protobuf', 'application/protobuf', fixture('otlp', 'opentelemetry-js.pb'), 2],
    ['JSON', 'application/json', fixture('tempo', 'v1-batches.json'), 1],
  ] as const)('Tempo, in %s', async (_, type, body, count) => {
    const server = await serve({ '/api/traces/ab': { type, body } });
    const backend = await openBackend(backendAddress(`tempo=${server.url}`));
    expect((await backend.ask('ab'))?.spans).toHaveLength(count);
    expect(server.requests[0]?.headers.accept).toBe('application/protobuf');
  });
});

describe('the witness', () => {
  it('takes 404 for not yet, and tells each span once', async () => {
    const server = await jaeger();
    const witness = witnessOf(server.url);
    expect(await witness.ask!(JAEGER_ID)).toEqual({ spans: [], warnings: [] });
    server.answers[jaegerPath] = { body: jaegerTrace };
    const told = await askUntil(witness, JAEGER_ID, ({ spans }) => spans.length > 0);
    expect(told).toMatchObject({ spans: [{ name: 'SELECT shop' }, { name: 'POST /cart' }], warnings: [] });
    const askedBefore = server.asked.length;
    const again = await askUntil(witness, JAEGER_ID, () => server.asked.length > askedBefore + 1);
    expect(again).toEqual({ spans: [], warnings: [] });
  });

  it('leaves out what is stored already, by whatever way it came', async () => {
    const server = await jaeger({ [jaegerPath]: { body: jaegerTrace } });
    const backend = await openBackend(backendAddress(server.url));
    const [first] = (await backend.ask(JAEGER_ID))!.spans;
    const witness = witnessOf(server.url, [{ ...first!, source: 'otlp' }]);
    expect((await witness.ask!(JAEGER_ID)).spans.map(({ name }) => name)).toEqual(['POST /cart']);
  });

  it('keeps both halves of a shared span, and a trace counted in 64 bits', async () => {
    const traceId = `4bf92f3577b34da6${ZIPKIN_ID.slice(16)}`;
    const server = await serve({ [`/api/v2/trace/${traceId}`]: { body: zipkinTrace } });
    const { spans } = await witnessOf(`zipkin=${server.url}`).ask!(traceId);
    expect(spans.map((span) => span.traceId)).toEqual([traceId, traceId, traceId, traceId]);
  });

  it('leaves out spans of another trace', async () => {
    const server = await jaeger({ '/api/traces/ab?raw=true': { body: jaegerTrace } });
    expect((await witnessOf(server.url).ask!('ab')).spans).toEqual([]);
  });

  it('asks gently however often it is asked', async () => {
    const server = await jaeger();
    const witness = witnessOf(`jaeger=${server.url}`);
    for (let i = 0; i < 50; i++) await witness.ask!(JAEGER_ID);
    expect(server.asked).toHaveLength(1);
  });

  it('does not wait for a backend that hangs, after the first time', async () => {
    const server = await jaeger();
    const witness = witnessOf(`jaeger=${server.url}`);
    await witness.ask!(JAEGER_ID);
    server.answers[jaegerPath] = 'hang';
    const told = await askUntil(witness, JAEGER_ID, () => server.asked.length === 2);
    expect(told.warnings).toEqual([]);
    expect(
      (await askUntil(witness, JAEGER_ID, ({ warnings }) => warnings.length > 0)).warnings[0]?.message,
    ).toContain('did not answer within 2 s');
  });

  it.each([
    ['nobody is there', CLOSED, 'could not be reached (ECONNREFUSED): start it, or leave'],
    ['it wants to know who asks', undefined, 'answered 401: it wants to know who asks; put name:password@'],
  ])('is one warning when %s', async (_, address, sentence) => {
    const server = await serve({ '/api/v2/trace/ab': { status: 401, body: 'no' } });
    const witness = witnessOf(address ?? `zipkin=${server.url}`);
    const first = await witness.ask!('ab');
    expect(first.warnings).toMatchObject([
      { code: 'pull.failed', message: expect.stringContaining(sentence) },
    ]);
    expect(
      (await askUntil(witness, 'ab', () => server.asked.length > 2 || Boolean(address))).warnings,
    ).toEqual([]);
  });

  it('begins anew with another run', async () => {
    const server = await jaeger({ [jaegerPath]: { body: jaegerTrace } });
    const witness = witnessOf(server.url);
    expect((await witness.ask!(JAEGER_ID)).spans).toHaveLength(2);
    await witness.begin!('ab');
    expect((await witness.ask!(JAEGER_ID)).spans).toHaveLength(2);
  });
});

it('lets a run settle: answers that bring nothing new do not open it again', async () => {
  const server = await jaeger({ [jaegerPath]: { body: jaegerTrace } });
  const store = openStore(':memory:');
  const witness = pullWitness({
    address: backendAddress(server.url),
    known: (traceId) => store.spans(traceId),
  });
  const flush = async () => store.append((await witness.ask!(JAEGER_ID)).spans);
  await settle(JAEGER_ID, store, { quietMs: 700, atLeastMs: 700, atMostMs: 60_000, flush });
  expect(store.spans(JAEGER_ID)).toHaveLength(2);
  expect(store.lastAppend(JAEGER_ID).chunks).toBe(1);
  expect(server.asked.filter((path) => path === jaegerPath).length).toBeGreaterThan(1);
  store.close();
});

describe('traces that a run’s requests name', () => {
  const RUN = 'c'.repeat(32);
  const naming = (traceId: string) =>
    reported('page', undefined, 0, 20, {
      traceId: RUN,
      type: 'request',
      kind: 'client',
      links: [{ traceId, spanId: idOf('web'), attributes: { 'headwater.role': 'answered_in' } }],
    });

  it('are asked for with the run’s own, and kept as traces of their own', async () => {
    const server = await jaeger({ [jaegerPath]: { body: jaegerTrace } });
    const witness = pullWitness({
      address: backendAddress(`jaeger=${server.url}`),
      known: (traceId) => (traceId === RUN ? [naming(JAEGER_ID), naming('d'.repeat(32))] : []),
    });
    const { spans, warnings } = await witness.ask!(RUN);
    expect(spans.map(({ traceId, name }) => [traceId, name])).toEqual([
      [JAEGER_ID, 'SELECT shop'],
      [JAEGER_ID, 'POST /cart'],
    ]);
    expect(warnings).toEqual([]);
    const paths = [RUN, JAEGER_ID, 'd'.repeat(32)].map((id) => `/api/traces/${id}?raw=true`);
    expect(server.asked.toSorted()).toEqual(paths.toSorted());
  });

  it('are one warning when nobody is there', async () => {
    const witness = pullWitness({
      address: backendAddress(`jaeger=${CLOSED}`),
      known: () => [naming(JAEGER_ID), naming('d'.repeat(32))],
    });
    expect((await witness.ask!(RUN)).warnings).toHaveLength(1);
  });

  it('look for the backend once, and are asked for a few at a time', async () => {
    const server = await jaeger();
    const many = Array.from({ length: 60 }, (_, i) => naming(String(i + 1).padStart(32, 'd')));
    const witness = pullWitness({ address: backendAddress(server.url), known: () => many });
    await witness.ask!(RUN);
    expect(server.asked.filter((path) => path.startsWith('/api/traces/'))).toHaveLength(61);
    expect(server.asked.filter((path) => path === '/api/services')).toHaveLength(1);
    // All are due again; those that hang are as many as may be open.
    for (const path of new Set(server.asked))
      if (path.startsWith('/api/traces/')) server.answers[path] = 'hang';
    const before = server.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    for (let times = 0; times < 5; times++) await witness.ask!(RUN);
    await vi.waitFor(() => expect(server.asked.length - before).toBe(8));
  });

  it('are fetched once, of several backends from the first that knows them', async () => {
    const store = openStore(':memory:');
    store.append([naming(JAEGER_ID), naming('d'.repeat(32))]);
    const [one, other] = [await jaeger({ [jaegerPath]: { body: jaegerTrace } }), await jaeger()];
    const addresses = [CLOSED, one.url, other.url].map((url) => `jaeger=${url}`);
    const progress: string[] = [];
    const fetched = await fetchNamed([RUN], addresses, store, (done, of) => progress.push(`${done}/${of}`));
    expect(fetched).toMatchObject({
      asked: 2,
      came: 1,
      failures: [expect.stringContaining('could not be reached')],
    });
    expect(progress).toEqual(['1/2', '2/2', '1/1']);
    expect(other.asked).toEqual([`/api/traces/${'d'.repeat(32)}?raw=true`]);
    expect(store.spans(JAEGER_ID)).toHaveLength(2);
    expect(await fetchNamed([RUN], [], store)).toEqual({ asked: 1, came: 0, failures: [], warnings: [] });
    store.close();
  });
});

describe('the real programs', () => {
  it.skipIf(!JAEGER)('Jaeger (HEADWATER_TEST_JAEGER names the program)', async () => {
    const real = await startJaeger(JAEGER!);
    try {
      const witness = witnessOf(real.url);
      expect(await witness.ask!(JAEGER_ID)).toEqual({ spans: [], warnings: [] });
      const body = new Uint8Array(fixture('jaeger', 'opentelemetry-js-2.11.thrift'));
      await fetch(`${real.thriftUrl}?format=jaeger.thrift`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-thrift' },
        body,
      });
      const told = await askUntil(witness, JAEGER_ID, ({ spans }) => spans.length === 2);
      expect(told.spans.map(({ kind }) => kind).sort()).toEqual(['client', 'server']);
    } finally {
      await real.stop();
    }
  });

  it.skipIf(!ZIPKIN_JAR)('Zipkin (HEADWATER_TEST_ZIPKIN_JAR names its exec.jar)', async () => {
    const real = await startZipkin(ZIPKIN_JAR!);
    try {
      const witness = witnessOf(real.url);
      expect(await witness.ask!(ZIPKIN_ID)).toEqual({ spans: [], warnings: [] });
      const headers = { 'content-type': 'application/json' };
      await fetch(`${real.url}/api/v2/spans`, { method: 'POST', headers, body: new Uint8Array(zipkinTrace) });
      const told = await askUntil(witness, ZIPKIN_ID, ({ spans }) => spans.length === 4);
      expect(told.spans).toHaveLength(4);
    } finally {
      await real.stop();
    }
  });
});
