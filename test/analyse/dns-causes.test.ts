/** Each way in which DNS goes wrong is told by its own cause, at the server that did it. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { Lane } from '../../src/model/report.ts';
import type { Attributes } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';
import { HOST, lane } from './service-trace.ts';

interface Query {
  readonly startMs: number;
  readonly endMs: number;
  readonly server?: string;
  readonly name?: string;
  readonly type?: string;
  readonly precisionMs?: number;
  readonly said?: Attributes;
}

/** Of the probe, which is the resolver too. */
const PID = 7;

/** A look-up of 300 ms and more with these queries in it, and nothing else in the run. */
function judged(queries: readonly Query[], lanes: readonly Lane[] = []) {
  const endMs = Math.max(...queries.map((query) => query.endMs));
  const spans = [
    reported('run', undefined, 0, endMs, { type: 'run', layer: 'browser' }),
    reported('step', 'run', 0, endMs, { type: 'step', layer: 'browser' }),
    reported('request', 'step', 0, endMs, { type: 'request', layer: 'browser', kind: 'client' }),
    reported('lookup', 'request', 0, endMs, { type: 'phase', layer: 'dns', name: 'DNS lookup' }),
    ...queries.map((query, i) =>
      reported(`q${i}`, 'lookup', query.startMs, query.endMs, {
        type: 'dns_query',
        layer: 'dns',
        component: query.server ?? 'ns1',
        precisionNs: (query.precisionMs ?? 0.001) * 1e6,
        attributes: {
          'dns.question.name': query.name ?? 'www.example',
          'headwater.dns.question_type': query.type ?? 'A',
          'headwater.dns.asked_for': 'www.example',
          'headwater.dns.rcode': 'NOERROR',
          ...query.said,
        },
      }),
    ),
  ];
  const resource = { 'process.pid': PID, 'host.name': HOST };
  const ofProbe = spans.map((span) => ({ ...span, resource: { ...span.resource, ...resource } }));
  const { verdict, ledger } = analyse(stitch(ofProbe)!, {}, lanes).report;
  return { verdict, causes: ledger.filter((e) => e.layer === 'dns').map((e) => [e.cause, e.ns / 1e6]) };
}

const TIMEOUT = { 'error.type': 'timeout', 'headwater.dns.rcode': '' };
const failure = (rcode: string) => ({ 'headwater.dns.rcode': rcode, 'error.type': rcode });
const because = (why: string) => ({ 'headwater.dns.follows': why });

describe('causes of slow DNS', () => {
  it('a slow server', () => {
    const { verdict } = judged([{ startMs: 0, endMs: 150 }]);
    expect(verdict).toMatchObject({ cause: 'dns.slow_upstream', component: 'ns1', ns: 150e6 });
  });

  it('not a slow server, when the probe itself may have been late', () => {
    const { causes } = judged([{ startMs: 0, endMs: 150, precisionMs: 120 }]);
    expect(causes).toEqual([['dns.lookup', 150]]);
  });

  it('not a slow server, when the resolver got no CPU meanwhile on a host that had none left', () => {
    const busy = (percent: number): Lane => ({
      ...{ host: HOST, name: 'CPU busy', unit: '%', timesNs: [0, 100e6, 200e6] },
      values: [0, percent, percent],
    });
    const asked = (waited: number, percent: number) =>
      judged(
        [{ startMs: 0, endMs: 150 }],
        [lane(PID, 'cpu', [0, 5, 5]), lane(PID, 'cpu_wait', [0, waited, waited]), busy(percent)],
      ).verdict.cause;
    expect(asked(90, 99)).toBe('browser.crowded_host');
    // it had time enough, or another CPU was left
    expect([asked(30, 99), asked(90, 60)]).toEqual(['dns.slow_upstream', 'dns.slow_upstream']);
  });

  it('a silent server, and the try after it', () => {
    const { verdict, causes } = judged([
      { startMs: 0, endMs: 1_000, said: TIMEOUT },
      { startMs: 1_000, endMs: 1_010, server: 'ns2', said: because('timeout') },
    ]);
    expect(verdict).toMatchObject({ cause: 'dns.timeout_retry', component: 'ns1', ns: 1_000e6 });
    expect(causes).toEqual([
      ['dns.timeout_retry', 1_000],
      ['dns.lookup', 10],
    ]);
  });

  it.each(['SERVFAIL', 'REFUSED', 'ECONNREFUSED', 'lame'])(
    '%s: the time until it came is its own',
    (rcode) => {
      const { verdict } = judged([
        { startMs: 0, endMs: 120, said: failure(rcode) },
        { startMs: 120, endMs: 125, server: 'ns2', said: because(rcode) },
      ]);
      expect(verdict).toMatchObject({ cause: 'dns.servfail_retry', component: 'ns1', ns: 120e6 });
      expect(verdict.sentence).toContain(rcode);
    },
  );

  it('a failure that came at once is not worth a word', () => {
    const { causes } = judged([
      { startMs: 0, endMs: 1, said: failure('ECONNREFUSED') },
      { startMs: 1, endMs: 3, server: 'ns2', said: because('ECONNREFUSED') },
    ]);
    expect(new Set(causes.map(([cause]) => cause))).toEqual(new Set(['dns.lookup']));
  });

  it('the TCP try after a truncated answer; the first answer would have been needed anyway', () => {
    const { causes } = judged([
      { startMs: 0, endMs: 30, said: { 'headwater.dns.truncated': true } },
      { startMs: 30, endMs: 95, said: because('truncated') },
    ]);
    expect(causes).toEqual([
      ['dns.truncated_to_tcp', 65],
      ['dns.lookup', 30],
    ]);
  });

  it('the pause before a TCP try is a part of it, and the pause before an ordinary query is not', () => {
    const tries = (follows: Attributes) =>
      judged([
        { startMs: 0, endMs: 30, said: { 'headwater.dns.truncated': true } },
        { startMs: 35, endMs: 95, said: follows },
      ]).causes;
    expect(tries(because('truncated'))).toContainEqual(['dns.truncated_to_tcp', 65]);
    expect(tries({})).toContainEqual(['dns.lookup', 5]);
  });

  it('a name that does not exist, but not a missing HTTPS record', () => {
    const said = { 'headwater.dns.rcode': 'NXDOMAIN' };
    expect(judged([{ startMs: 0, endMs: 60, said }]).verdict).toMatchObject({ cause: 'dns.nxdomain' });
    expect(judged([{ startMs: 0, endMs: 30, type: 'HTTPS', said }]).causes).toEqual([['dns.lookup', 30]]);
  });

  /** `hops` aliases followed one after the other, each search taking as long as said. */
  const chain = (hopsMs: readonly number[]): Query[] => {
    let startMs = 10;
    const first = {
      startMs: 0,
      endMs: 10,
      said: { 'headwater.dns.aliases': ['a1.example'] },
    };
    const hops = hopsMs.map((ms, i) => {
      const said = {
        'headwater.dns.alias_depth': i + 1,
        ...(i < hopsMs.length - 1 && { 'headwater.dns.aliases': [`a${i + 2}.example`] }),
      };
      const hop = { startMs, endMs: startMs + ms, name: `a${i + 1}.example`, said };
      startMs += ms;
      return hop;
    });
    return [first, ...hops];
  };

  it('a long chain of aliases: all searches but the first', () => {
    const { verdict } = judged(chain([30, 30, 30, 30]));
    expect(verdict).toMatchObject({ cause: 'dns.cname_chain', component: 'www.example', ns: 120e6 });
    expect(verdict.evidence).toContain('www.example leads over 4 aliases');
  });

  it('a long chain over many servers, none of which took long: one problem of one name', () => {
    const servers = chain([12, 12, 12, 12]).map((query, i) => ({ ...query, server: `ns${i}` }));
    const { verdict, causes } = judged(servers);
    expect(verdict).toMatchObject({ cause: 'dns.cname_chain', component: 'www.example', ns: 48e6 });
    expect(causes).toContainEqual(['dns.cname_chain', 48]);
  });

  it('two aliases are usual', () => {
    expect(judged(chain([30, 30])).causes).toEqual([['dns.lookup', 70]]);
  });

  it('one slow server in a long chain is a slow server', () => {
    const { causes } = judged(chain([5, 5, 200, 5]));
    expect(causes).toContainEqual(['dns.slow_upstream', 200]);
    expect(causes).toContainEqual(['dns.cname_chain', 15]);
  });

  it('a recursive resolver hides the searches: the one slow answer with the chain stands for them', () => {
    const said = { 'headwater.dns.aliases': ['a.example', 'b.example', 'c.example', 'd.example'] };
    expect(judged([{ startMs: 0, endMs: 130, said }]).verdict).toMatchObject({ cause: 'dns.cname_chain' });
    expect(judged([{ startMs: 0, endMs: 30, said }]).causes).toEqual([['dns.lookup', 30]]);
  });

  it('a slow look-up of which no query was seen, and not one that was quick', () => {
    expect(judgedLookup(120)).toMatchObject({ cause: 'dns.slow_upstream' });
    expect(judgedLookup(120).sentence).toContain('www.example was looked up slowly');
    expect(judgedLookup(120).evidence).toContain('which name server was slow was not seen');
    expect(judgedLookup(90).sentence).toContain('nothing stands out');
  });
});

function judgedLookup(ms: number) {
  const spans = [
    reported('run', undefined, 0, ms, { type: 'run', layer: 'browser' }),
    reported('step', 'run', 0, ms, { type: 'step', layer: 'browser' }),
    reported('request', 'step', 0, ms, { type: 'request', layer: 'browser', kind: 'client' }),
    reported('lookup', 'request', 0, ms, {
      type: 'phase',
      layer: 'dns',
      name: 'DNS lookup',
      attributes: { 'dns.question.name': 'www.example' },
    }),
  ];
  return analyse(stitch(spans)!).report.verdict;
}

describe('a service that opens a connection, as its own client tells it', () => {
  const told = (name: string, ms: number, attributes: Attributes = {}) => {
    const service = { source: 'otlp' as const, clock: 'cart', resource: { 'service.name': 'cart' } };
    return analyse(
      stitch([
        reported('server', undefined, 0, ms + 20, { ...service, kind: 'server', name: 'GET /cart' }),
        reported('connect', 'server', 10, ms + 10, { ...service, kind: 'internal', name, attributes }),
      ])!,
    ).report.verdict;
  };

  it.each(['DNS lookup db.example', 'dns.lookup', 'http.dns'])('%s: looked up slowly', (name) => {
    const asked = { 'dns.question.name': 'db.example' };
    expect(told(name, 60, asked)).toMatchObject({
      layer: 'dns',
      cause: 'dns.slow_upstream',
      component: 'cart',
    });
    expect(told(name, 60, asked).sentence).toContain('cart looked db.example up slowly');
    expect(told(name, 30, asked).sentence).toContain('nothing stands out');
  });

  it.each(['socket connect 10.0.0.7:5432', 'tcp.connect', 'http.connect'])(
    '%s: a packet was lost',
    (name) => {
      const peer = { 'network.peer.address': '10.0.0.7', 'network.peer.port': 5432 };
      expect(told(name, 1_003, peer)).toMatchObject({
        cause: 'tcp.syn_retransmit',
        component: '10.0.0.7:5432',
      });
      expect(told(name, 300, peer).sentence).toContain('nothing stands out');
    },
  );
});

describe('a name that was not resolved', () => {
  const asked = (id: string, server: string, said: Attributes) =>
    reported(id, 'lookup', 1, 50, {
      type: 'dns_query',
      layer: 'dns',
      component: server,
      attributes: {
        'headwater.dns.asked_for': 'www.example',
        'headwater.dns.question_type': 'A',
        'headwater.dns.rcode': 'NOERROR',
        ...said,
      },
    });
  const failed = (...queries: ReturnType<typeof asked>[]) => {
    const error = { status: { code: 'error' as const, message: 'net::ERR_NAME_NOT_RESOLVED' } };
    const spans = [
      reported('run', undefined, 0, 60, { type: 'run', layer: 'browser', ...error }),
      reported('step', 'run', 0, 60, { type: 'step', layer: 'browser', ...error }),
      reported('request', 'step', 0, 60, {
        type: 'request',
        layer: 'browser',
        kind: 'client',
        ...error,
        attributes: { 'server.address': 'www.example', 'error.type': 'ERR_NAME_NOT_RESOLVED' },
      }),
      reported('lookup', 'request', 0, 55, { type: 'phase', layer: 'dns', name: 'DNS lookup' }),
      ...queries,
    ];
    return analyse(stitch(spans)!).report.verdict;
  };
  const referral = asked('r', 'root', { 'headwater.dns.referral': 'example.' });

  it('is gone', () => {
    const verdict = failed(referral, asked('a', 'ns1', { 'headwater.dns.rcode': 'NXDOMAIN' }));
    expect(verdict).toMatchObject({ layer: 'dns', cause: 'dns.nxdomain', component: 'www.example' });
    expect(verdict.sentence).toContain('ns1 answered NXDOMAIN');
  });

  it('has no address', () => {
    expect(failed(referral, asked('a', 'ns1', {})).cause).toBe('dns.no_address');
  });

  it('is known only to servers that fail', () => {
    const verdict = failed(referral, asked('a', 'ns1', failure('SERVFAIL')), asked('b', 'ns2', TIMEOUT));
    expect(verdict).toMatchObject({ cause: 'dns.servfail_retry', component: 'ns1' });
    expect(verdict.sentence).toContain('ns1: SERVFAIL, ns2: timeout');
    expect(failed(referral, asked('a', 'ns1', TIMEOUT)).cause).toBe('dns.timeout_retry');
  });

  it('is not told about where the answer had an address, or another name was asked for', () => {
    const other = { 'headwater.dns.asked_for': 'other.example', ...failure('SERVFAIL') };
    expect(failed(asked('a', 'ns1', other)).sentence).toContain('www.example could not be resolved');
    const answered = asked('a', 'ns1', { 'dns.answers': ['192.0.2.1'] });
    expect(failed(answered, asked('b', 'ns2', failure('SERVFAIL'))).sentence).toContain(
      'could not be resolved',
    );
  });
});
