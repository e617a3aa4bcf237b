/** What name servers do wrong, each done by a real one on loopback, and what is kept of it. */
import { createSocket } from 'node:dgram';
import { connect as connectHttp2 } from 'node:http2';
import dnsPacket, { type Answer, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { aliasesFrom, decodeOrNothing } from '../../probe/dns/dns-message.ts';
import type { DnsQuery } from '../../probe/dns/dns-query.ts';
import { forwardResolver } from '../../probe/dns/forward-resolver.ts';
import { startResolver } from '../../probe/dns/in-path-resolver.ts';
import { iterativeResolver } from '../../probe/dns/iterative-resolver.ts';
import { dnsSpans } from '../../probe/spans/dns-spans.ts';
import type { SpanDraft } from '../../probe/spans/span-draft.ts';
import { startUnixClock } from '../../probe/unix-clock.ts';
import { a, NXDOMAIN, nameServer, ns } from './test-site.ts';

const clock = startUnixClock();
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Sends whatever packets `reply` makes of a question, in turn. */
async function rawServer(reply: (query: Buffer, send: (packet: Buffer, delayMs?: number) => void) => void) {
  const socket = createSocket('udp4');
  let isOpen = true;
  socket.on('message', (query, from) =>
    reply(query, (packet, delayMs = 0) =>
      setTimeout(() => isOpen && socket.send(packet, from.port, from.address), delayMs),
    ),
  );
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done));
  closing.push(() => {
    isOpen = false;
    socket.close();
  });
  return { name: 'raw', address: '127.0.0.1', port: socket.address().port };
}
const served = async (...given: Parameters<typeof nameServer>) => {
  const server = await nameServer(...given);
  closing.push(() => server.close());
  return { ...server, name: server.address };
};
const answerTo = (query: Buffer, answers: Answer[], flags = 0): Buffer => {
  const { id, questions } = dnsPacket.decode(query);
  return dnsPacket.encode({ type: 'response', id, questions, answers, flags });
};
const RCODES = { SERVFAIL: 2, REFUSED: 5 } as const;
const EDNS = { type: 'OPT', name: '.', udpPayloadSize: 4_096, flags: 0, options: [] } as unknown as Answer;
const ask = (name = 'www.example', type = 'A') =>
  dnsPacket.encode({
    type: 'query',
    id: 7,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type: type as RecordType }],
    additionals: [EDNS],
  });

function recorder(timeoutsMs = [5_000, 5_000]) {
  const queries: DnsQuery[] = [];
  return { queries, options: { clock, record: (query: DnsQuery) => queries.push(query), timeoutsMs } };
}
const lengthMs = (query: DnsQuery | undefined) =>
  Number((query?.endUnixNano ?? 0n) - (query?.startUnixNano ?? 0n)) / 1e6;

describe('a name server', () => {
  it('that is slow: the query is as long as the wait', async () => {
    const server = await rawServer((query, send) =>
      send(answerTo(query, [a('www.example', '192.0.2.7')]), 60),
    );
    const { queries, options } = recorder();
    await forwardResolver([server], options)(ask());
    expect(queries).toHaveLength(1);
    // A timer may fire a millisecond early.
    expect(lengthMs(queries[0])).toBeGreaterThanOrEqual(58);
    expect(queries[0]).toMatchObject({ ednsBytes: 4_096, answer: { isTruncated: false } });
    expect(queries[0]?.localPort).toBeGreaterThan(0);
  });

  it('that loses the first question: a second try follows the first and says why', async () => {
    let asked = 0;
    const server = await rawServer((query, send) => {
      if (asked++ > 0) send(answerTo(query, [a('www.example', '192.0.2.7')]));
    });
    const { queries, options } = recorder([40, 5_000]);
    await forwardResolver([server], options)(ask());
    expect(queries[0]).toMatchObject({ error: 'timeout', attempt: 1 });
    expect(queries[1]).toMatchObject({ attempt: 2, follows: { id: queries[0]?.id, why: 'timeout' } });
  });

  it('whose answer comes too late: it is kept with the try that it belongs to', async () => {
    let asked = 0;
    const server = await rawServer((query, send) =>
      send(answerTo(query, [a('www.example', '192.0.2.7')]), asked++ ? 100 : 90),
    );
    const { queries, options } = recorder([30, 5_000]);
    await forwardResolver([server], options)(ask());
    expect(queries[0]).toMatchObject({ error: 'timeout', strays: [{ what: 'late answer' }] });
    expect(queries[0]?.strays[0]?.unixNano).toBeGreaterThan(queries[0]?.endUnixNano ?? 0n);
  });

  it.each(['SERVFAIL', 'REFUSED'] as const)(
    'that says %s: the next one is asked, and its answer stands',
    async (rcode) => {
      const bad = await served(() => ({ flags: RCODES[rcode] }));
      const good = await served((name) => ({ answers: [a(name, '192.0.2.7')] }));
      const { queries, options } = recorder();
      const answer = dnsPacket.decode(await forwardResolver([bad, good], options)(ask()));
      expect(answer.answers).toHaveLength(1);
      expect(queries[0]?.answer?.rcode).toBe(rcode);
      expect(queries[1]?.follows).toEqual({ id: queries[0]?.id, why: rcode });
      const alone = recorder();
      const failed = await forwardResolver([bad], alone.options)(ask());
      expect(dnsPacket.decode(failed)).toMatchObject({ id: 7, rcode });
    },
  );

  it('that cuts its answer: both tries are kept, the second over TCP', async () => {
    const server = await served((name) => ({
      flags: dnsPacket.TRUNCATED_RESPONSE,
      answers: [a(name, '192.0.2.7')],
    }));
    const { queries, options } = recorder();
    await forwardResolver([server], options)(ask());
    expect(queries[1]).toMatchObject({
      transport: 'tcp',
      attempt: 1,
      follows: { id: queries[0]?.id, why: 'truncated' },
    });
    expect(queries[1]?.connectedUnixNano).toBeGreaterThan(queries[1]?.startUnixNano ?? 0n);
    expect(queries[1]?.connectedUnixNano).toBeLessThan(queries[1]?.endUnixNano ?? 0n);
  });

  it('that says NXDOMAIN: nobody else is asked', async () => {
    const server = await served(() => NXDOMAIN);
    const { queries, options } = recorder();
    await forwardResolver([server, server], options)(ask());
    expect(queries.map((query) => query.answer?.rcode)).toEqual(['NXDOMAIN']);
  });

  it('that answers with another id or to another question is waited past', async () => {
    const server = await rawServer((query, send) => {
      const forged = Buffer.from(answerTo(query, [a('www.example', '198.51.100.66')]));
      forged.writeUInt16BE(forged.readUInt16BE(0) ^ 1);
      send(forged);
      const { id } = dnsPacket.decode(query);
      send(dnsPacket.encode({ type: 'response', id, questions: [{ type: 'A', name: 'evil.example' }] }), 10);
      send(answerTo(query, [a('www.example', '192.0.2.7')]), 40);
    });
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(await forwardResolver([server], options)(ask()));
    expect(answer.answers).toMatchObject([{ data: '192.0.2.7' }]);
    expect(queries[0]?.strays.map(({ what }) => what)).toEqual(['wrong id', 'wrong question']);
  });

  it('that answers with rubbish under the right id: the next try is made at once', async () => {
    const server = await rawServer((query, send) =>
      send(Buffer.concat([query.subarray(0, 2), Buffer.alloc(40, 0xff)])),
    );
    const { queries, options } = recorder();
    expect(dnsPacket.decode(await forwardResolver([server], options)(ask()))).toMatchObject({
      rcode: 'SERVFAIL',
    });
    expect(queries.map(({ error }) => error)).toEqual(['bad_answer', 'bad_answer']);
  });

  it('that answers with any bytes at all: an answer under the right id, or a failure', async () => {
    let reply = Buffer.alloc(0);
    const server = await rawServer((query, send) => send(Buffer.concat([query.subarray(0, 2), reply])));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isResponse) => {
        reply = Buffer.from(bytes);
        if (isResponse && reply.length > 0) reply[0] = (reply[0] ?? 0) | 0x80;
        const { queries, options } = recorder([10]);
        const answer = dnsPacket.decode(await forwardResolver([server], options)(ask()));
        expect(answer.id).toBe(7);
        expect(queries.length).toBeGreaterThan(0);
        for (const query of queries) expect(query.error === undefined).toBe(query.answer !== undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('any bytes are a message or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => void decodeOrNothing(Buffer.from(bytes))),
    );
  });
});

describe('aliases', () => {
  const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, ttl: 60, data });

  it('are followed one by one when walking, each query knowing how deep it is', async () => {
    const hops = ['www', 'a1', 'a2', 'a3', 'a4'];
    const server = await served((name) => {
      const at = hops.indexOf(name.split('.')[0] ?? '');
      const next = hops[at + 1];
      return { answers: [next ? cname(name, `${next}.example`) : a(name, '192.0.2.7')] };
    });
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(await iterativeResolver([server], options)(ask()));
    expect(answer.answers?.map((record) => record.type)).toEqual(['CNAME', 'CNAME', 'CNAME', 'CNAME', 'A']);
    expect(queries.map((query) => [query.name, query.aliasDepth])).toEqual(
      hops.map((hop, i) => [`${hop}.example`, i]),
    );
  });

  it('that lead in a circle end', async () => {
    const server = await served((name) => ({
      answers: [cname(name, name.startsWith('www') ? 'a.example' : 'www.example')],
    }));
    const { queries, options } = recorder();
    expect(dnsPacket.decode(await iterativeResolver([server], options)(ask()))).toMatchObject({
      rcode: 'SERVFAIL',
    });
    expect(queries.length).toBeLessThan(30);
    expect(
      aliasesFrom('www.example', [cname('www.example', 'a.example'), cname('a.example', 'www.example')]),
    ).toEqual(['a.example', 'www.example']);
  });
});

describe('walking', () => {
  it('past a lame server, which knows nothing of the zone that was handed to it', async () => {
    const root = await rawServer((query, send) => {
      const { id, questions } = dnsPacket.decode(query);
      const servers = ['ns1.test', 'ns2.test'];
      const additionals = [a('ns1.test', '127.0.0.1'), a('ns2.test', '127.0.0.1')];
      const isRoot = asked++ === 0;
      const lame = asked === 2;
      const authorities = servers.map((server) => ns('test', server));
      if (isRoot) send(dnsPacket.encode({ type: 'response', id, questions, authorities, additionals }));
      else if (lame) send(dnsPacket.encode({ type: 'response', id, questions }));
      else send(answerTo(query, [a('www.test', '192.0.2.7')], dnsPacket.AUTHORITATIVE_ANSWER));
    });
    let asked = 0;
    const { queries, options } = recorder();
    const answer = dnsPacket.decode(await iterativeResolver([root], options)(ask('www.test')));
    expect(answer.answers).toHaveLength(1);
    expect(queries.map((query) => query.isLame ?? false)).toEqual([false, true, false]);
    expect(queries[2]?.follows).toEqual({ id: queries[1]?.id, why: 'lame' });
  });
});

describe('queries as spans', () => {
  const phases = (host: string): SpanDraft[] => {
    const at = { startUnixNano: clock.now() - 1_000_000_000n, endUnixNano: clock.now() + 60_000_000_000n };
    const common = { layer: 'browser', source: 'cdp', ...at } as const;
    return [
      { ...common, spanId: 'r', type: 'request', name: 'GET /', attributes: { 'server.address': host } },
      { ...common, spanId: 'd', parentSpanId: 'r', type: 'phase', name: 'DNS lookup' },
    ];
  };

  it('link to the try before them, and leave out what the browser asked for itself', async () => {
    const bad = await served(() => ({ flags: RCODES.SERVFAIL }));
    const good = await served((name) => ({ answers: [a(name, '192.0.2.7')] }));
    const { queries, options } = recorder();
    const resolve = forwardResolver([bad, good], options);
    await resolve(ask('www.example'));
    await resolve(ask('update.vendor.example'));
    const { spans, foreign } = dnsSpans(queries, phases('www.example'), () => 'step');
    expect(foreign).toBe(2);
    expect(spans.map((span) => [span.parentSpanId, span.error])).toEqual([
      ['d', 'SERVFAIL'],
      ['d', undefined],
    ]);
    expect(spans[1]?.links).toEqual([
      { spanId: spans[0]?.spanId, attributes: { 'headwater.dns.follows': 'SERVFAIL' } },
    ]);
    expect(spans[1]?.attributes).toMatchObject({
      'dns.question.name': 'www.example',
      'dns.answers': ['192.0.2.7'],
      'headwater.dns.records': ['A 192.0.2.7'],
      'headwater.dns.rcode': 'NOERROR',
      'headwater.dns.edns_bytes': 4_096,
      'network.transport': 'udp',
    });
  });
});

describe("the resolver's thread", () => {
  it('answers the browser over HTTPS and keeps what it asked', async () => {
    const server = await served((name) => ({ answers: [a(name, '192.0.2.7')] }));
    const resolver = await startResolver({ mode: 'forward', servers: [`127.0.0.1:${server.port}`] });
    closing.push(() => resolver.close());
    const url = new URL(resolver.endpoint?.template ?? '');
    const session = connectHttp2(url.origin, { rejectUnauthorized: false });
    closing.push(() => session.destroy());
    const stream = session.request({ ':path': `${url.pathname}?dns=${ask().toString('base64url')}` });
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    await new Promise((done) => stream.once('end', done));
    expect(dnsPacket.decode(Buffer.concat(chunks)).answers).toHaveLength(1);
    const queries = await resolver.queries();
    expect(queries).toMatchObject([{ name: 'www.example', answer: { rcode: 'NOERROR' } }]);
    expect(typeof queries?.[0]?.startUnixNano).toBe('bigint');
  });

  it('that has ended knows nothing, says so, and fails nobody', async () => {
    const resolver = await startResolver({ mode: 'forward', servers: ['127.0.0.1:9'] });
    await resolver.close();
    expect(await resolver.queries()).toBeUndefined();
  });

  it('refuses options that name no server', async () => {
    await expect(startResolver({ mode: 'iterative', roots: [] })).rejects.toThrow('at least one root server');
  });
});
