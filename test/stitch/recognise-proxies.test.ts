import { describe, expect, it } from 'vitest';
import type { ReportedSpan } from '../../src/model/span.ts';
import { readReports } from '../../src/stitch/read-reports.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { type Given, idOf, reported } from './reported.ts';

const recogniseProxies = (reports: readonly ReportedSpan[]): readonly ReportedSpan[] =>
  readReports(reports).table.reports;

const get = (path: string) => ({ 'http.request.method': 'GET', 'url.path': path });
const server = (service: string, path: string, given: Given = {}): Given => ({
  kind: 'server',
  source: 'otlp',
  clock: service,
  resource: { 'service.name': service },
  ...given,
  attributes: { ...get(path), ...given.attributes },
});
const typeAt = (spans: readonly ReportedSpan[], id: string) =>
  spans.find(({ spanId }) => spanId === idOf(id))?.attributes['headwater.type'];

describe('by name', () => {
  it.each([
    ['webengine.name', { resource: { 'service.name': 'shop-edge', 'webengine.name': 'Caddy' } }],
    [
      'the executable, where nobody chose a name',
      { resource: { 'service.name': 'unknown_service:traefik' } },
    ],
    ['the scope', { resource: { 'service.name': 'edge' }, scope: 'github.com/traefik/traefik@3.1' }],
    ['Envoy’s tag', { resource: { 'service.name': 'edge' }, attributes: { component: 'proxy' } }],
  ] as const)('%s', (_, given) => {
    const report = reported('edge', undefined, 0, 10, server('edge', '/', given));
    const [found] = recogniseProxies([report]);
    expect(found?.attributes).toMatchObject({ 'headwater.type': 'proxy', 'headwater.layer': 'lb' });
    expect(report.attributes).not.toHaveProperty(['headwater.type']);
  });

  it('a team may call its service as it likes', () => {
    const docs = reported('docs', undefined, 0, 10, server('nginx-docs', '/'));
    expect(typeAt(recogniseProxies([docs]), 'docs')).toBeUndefined();
  });

  it('its client spans are work inside it, not another proxy', () => {
    const egress = reported('egress', 'edge', 1, 9, {
      kind: 'client',
      resource: { 'service.name': 'edge' },
      attributes: { component: 'proxy' },
    });
    expect(recogniseProxies([egress])[0]?.attributes).toMatchObject({ 'headwater.layer': 'lb' });
    expect(typeAt(recogniseProxies([egress]), 'egress')).toBeUndefined();
  });
});

describe('by what it did', () => {
  const edge = reported('edge', undefined, 0, 10, server('edge', '/cart'));
  it.each([
    ['it forwarded the very request', server('web', '/cart'), 'proxy'],
    ['it asked for something else', server('web', '/stock'), undefined],
    ['it called itself', server('edge', '/cart'), undefined],
    ['it has a client span of its own', { ...server('edge', '/cart'), kind: 'client' as const }, undefined],
  ])('%s', (_, child, expected) => {
    const spans = recogniseProxies([edge, reported('child', 'edge', 1, 9, child)]);
    expect(typeAt(spans, 'edge')).toBe(expected);
  });

  it('a route of its own makes it an application', () => {
    const routed = reported(
      'edge',
      undefined,
      0,
      10,
      server('edge', '/cart', { attributes: { 'http.route': '/cart' } }),
    );
    const spans = recogniseProxies([routed, reported('child', 'edge', 1, 9, server('web', '/cart'))]);
    expect(typeAt(spans, 'edge')).toBeUndefined();
  });
});

describe('a proxy that forwards the trace context unchanged', () => {
  const request = reported('request', undefined, 0, 40, { type: 'request', kind: 'client' });
  const proxy = (startMs: number, endMs: number) =>
    reported('proxy', 'request', startMs, endMs, { ...server('caddy', '/cart'), type: 'proxy', layer: 'lb' });
  const parentOfWeb = (spans: readonly ReportedSpan[]) =>
    stitch(spans)?.spans.find(({ spanId }) => spanId === idOf('web'))?.parentId;

  it('stands between, even when the server noted its own end later than the proxy did', () => {
    const web = reported('web', 'request', 4, 31, server('web', '/cart'));
    expect(parentOfWeb([request, proxy(5, 30), web])).toBe(idOf('proxy'));
  });

  it('stands between, whatever its clock says', () => {
    const web = reported('web', 'request', 10, 30, server('web', '/cart'));
    expect(parentOfWeb([request, proxy(90_000, 90_030), web])).toBe(idOf('proxy'));
  });

  it('does not take a server’s span for another request that began long before', () => {
    const web = reported('web', 'request', 1, 3, server('web', '/other'));
    expect(parentOfWeb([request, proxy(20, 30), web])).toBe(idOf('request'));
  });
});
