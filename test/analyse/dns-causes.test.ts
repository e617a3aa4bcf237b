/** Each way in which DNS goes wrong is told by its own cause, at the server that did it. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { Attributes } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { reported } from '../stitch/reported.ts';

interface Query {
  readonly startMs: number;
  readonly endMs: number;
  readonly server?: string;
  readonly name?: string;
  readonly type?: string;
  readonly precisionMs?: number;
  readonly said?: Attributes;
}

/** A look-up of 300 ms and more with these queries in it, and nothing else in the run. */
function judged(queries: readonly Query[]) {
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
  const { verdict, ledger } = analyse(stitch(spans)!).report;
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
    expect(verdict).toMatchObject({ cause: 'dns.cname_chain', ns: 120e6 });
    expect(verdict.evidence).toContain('www.example leads over 4 aliases');
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
});
