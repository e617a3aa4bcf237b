import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, wholeRequest } from '../stitch/reported.ts';

const coverage = (spans: readonly ReportedSpan[], layer: Layer) =>
  analyse(stitch(spans)!).report.coverage.find((c) => c.layer === layer)!;

/** Only what the browser saw, answered by a server of this name. */
const answeredBy = (name: string): ReportedSpan[] =>
  wholeRequest()
    .filter((span) => span.source === 'cdp')
    .map((span) =>
      span.spanId === idOf('request')
        ? {
            ...span,
            attributes: {
              ...span.attributes,
              'headwater.traceparent_sent': true,
              'http.response.header.server': [name],
            },
          }
        : span,
    );

describe('the hint for a load balancer that was not seen', () => {
  it.each([
    ['nginx/1.22.1', 'nginx'],
    ['openresty', 'nginx'],
    ['istio-envoy', 'envoy'],
    ['Caddy', 'caddy'],
    ['Apache', 'haproxy'],
  ])('after an answer of %s is about %s', (name, config) => {
    const { hint, ...rest } = coverage(answeredBy(name), 'lb');
    expect(rest).toEqual({ layer: 'lb', sources: [], config });
    expect(hint).toContain(`${name} answered`);
    expect(hint).toContain(`doctor --config ${config}`);
  });

  it('knows the name of a server that was not asked as well', () => {
    const unasked = answeredBy('nginx/1.22.1').map(({ attributes, ...span }) => ({
      ...span,
      attributes: { ...attributes, 'headwater.traceparent_sent': false },
    }));
    expect(coverage(unasked, 'lb').config).toBe('nginx');
  });

  it('is to import the log where nobody sends one', () => {
    expect(coverage(answeredBy('awselb/2.0'), 'lb').hint).toContain('headwater import');
  });

  it('is HAProxy’s when nobody says a name, and none when it was seen', () => {
    const nameless = wholeRequest().filter((span) => span.source === 'cdp');
    expect(coverage(nameless, 'lb').config).toBe('haproxy');
    expect(coverage(wholeRequest(), 'lb')).toEqual({ layer: 'lb', sources: ['HAProxy log'] });
  });
});

describe('a database', () => {
  const callersOnly = (system: string) =>
    wholeRequest()
      .filter((span) => span.source !== 'postgresql')
      .map((span) =>
        span.spanId === idOf('dbclient')
          ? { ...span, attributes: { ...span.attributes, 'db.system.name': system } }
          : span,
      );

  it.each([
    ['postgresql', 'postgresql'],
    ['mysql', 'mariadb'],
    ['mariadb', 'mariadb'],
  ])('%s that only its callers saw is half seen', (system, config) => {
    expect(coverage(callersOnly(system), 'db')).toMatchObject({ sources: ['OTLP'], config });
  });

  it('of a kind that cannot be read says so', () => {
    expect(coverage(callersOnly('oracle.db'), 'db').hint).toContain('oracle.db');
  });

  it('seen by itself needs no hint', () => {
    expect(coverage(wholeRequest(), 'db').hint).toBeUndefined();
  });
});

describe('what went on below the requests', () => {
  const hints = (spans: readonly ReportedSpan[]) =>
    (['dns', 'tcp', 'tls'] as const).map((layer) => coverage(spans, layer).hint);
  const byDevTools = answeredBy('nginx').filter(
    ({ attributes }) => !/^(dns|tcp|tls)$/.test(String(attributes['headwater.layer'])),
  );

  it('is not said to have been nothing where nobody looked', () => {
    for (const hint of hints(byDevTools)) expect(hint).toContain('Not watched');
  });

  it('was nothing where the NetLog tells of nothing', () => {
    const [first] = byDevTools;
    const netLog = { ...first!, spanId: 'f'.repeat(16), parentSpanId: first!.spanId, source: 'netlog' };
    expect(hints([...byDevTools, netLog])[1]).toBe('No new connection was made in this run.');
  });
});
