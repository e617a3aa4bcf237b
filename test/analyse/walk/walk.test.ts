import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GUIDE } from '../../../src/analyse/walk/risks.ts';
import { walkOf } from '../../../src/analyse/walk/walk.ts';
import { HEADWATER } from '../../../src/model/attributes.ts';
import type { RunView } from '../../../src/model/report.ts';
import { formatDuration } from '../../../src/model/time.ts';
import type { Span } from '../../../src/model/trace.ts';
import type { StopKind, Walk, WalkStop } from '../../../src/model/walk.ts';
import { HOSTILE, runView } from '../../fixtures/run-view.ts';
import { readViewFile } from '../../fixtures/view-file.ts';

const view = runView();
const byName = (name: string, from: RunView = view): string => {
  const span = from.trace.spans.find((candidate) => candidate.name === name);
  if (!span) throw new Error(`no span ${name}`);
  return span.spanId;
};
const kinds = (walk: Walk): StopKind[] => walk.stops.map(({ kind }) => kind);
const stop = (walk: Walk, kind: StopKind): WalkStop => {
  const found = walk.stops.find((candidate) => candidate.kind === kind);
  if (!found) throw new Error(`no stop ${kind} among ${kinds(walk).join(' ')}`);
  return found;
};
const said = (walk: Walk, kind: StopKind): string => stop(walk, kind).sentences.join('\n');

/** As it is read aloud. */
const aloud = (walk: Walk): string =>
  walk.stops
    .map(({ name, title, ns, guilty, sentences }) =>
      [
        `${title} [${name}${ns > 0 ? ` ${formatDuration(ns)}` : ''}]${guilty ? ' THE VERDICT IS HERE' : ''}`,
        ...sentences.map((sentence) => `  ${sentence}`),
      ].join('\n'),
    )
    .join('\n\n');

const BESIDE: ReadonlySet<StopKind> = new Set<StopKind>(['overview', 'start', 'page', 'sum']);
const inside = (walk: Walk): WalkStop[] => walk.stops.filter(({ kind }) => !BESIDE.has(kind));

/** A trace as a tracing backend gives it: no browser, no journey, no log of a server. */
function servicesOnly(): RunView {
  const order = byName('POST /api/orders');
  const spans = view.trace.spans;
  const server = spans.find((span) => span.name === 'POST /api/orders' && span.spanId !== order)!;
  const kept = new Set([server.spanId]);
  const mine = spans.filter((span) => {
    const isBelow = kept.has(span.spanId) || kept.has(span.parentId ?? '');
    if (isBelow && span.source === 'otlp') kept.add(span.spanId);
    return kept.has(span.spanId);
  });
  const unseen = (['browser', 'dns', 'tcp', 'tls', 'network', 'lb'] as const).map((layer) => ({
    layer,
    sources: [],
    hint: `Nothing shows ${layer}.`,
  }));
  return {
    ...view,
    path: view.path.filter(({ spanId }) => kept.has(spanId)),
    report: { ...view.report, steps: [], coverage: unseen },
    trace: {
      ...view.trace,
      rootId: server.spanId,
      spans: mine.map((span) => (span === server ? { ...span, parentId: null } : span)),
    },
  };
}

describe('the walkthrough', () => {
  it('tells the example run in these words', async () => {
    await expect(`${aloud(walkOf(view))}\n`).toMatchFileSnapshot('../../golden/walk/order.txt');
    await expect(`${aloud(walkOf(view, byName('GET /')))}\n`).toMatchFileSnapshot(
      '../../golden/walk/page.txt',
    );
  });

  it('goes along the request that has most layers and time, and says why', () => {
    const walk = walkOf(view);
    expect(walk.request).toMatchObject({
      name: 'POST /api/orders',
      layers: ['network', 'lb', 'service', 'db'],
    });
    expect(said(walk, 'overview')).toContain('the run waited 1.42 s for it (54 %), in 4 layers');
    expect(walk.others[0]?.name).toBe('GET /');
  });

  it('cuts any request so that its stops add up to it exactly, and no two have the same time', () => {
    const requests = view.trace.spans.filter((span) => span.attributes[HEADWATER.type] === 'request');
    expect(requests.length).toBeGreaterThan(30);
    fc.assert(
      fc.property(fc.constantFrom(...requests), fc.boolean(), ({ spanId, startNs, endNs }, hostile) => {
        const walk = walkOf(hostile ? runView({ hostile: true }) : view, spanId);
        const pieces = inside(walk)
          .flatMap((each) => each.pieces)
          .sort((a, b) => a.startNs - b.startNs);
        expect(inside(walk).reduce((sum, { ns }) => sum + ns, 0)).toBe(endNs - startNs);
        expect(pieces[0]?.startNs).toBe(startNs);
        expect(pieces.at(-1)?.endNs).toBe(endNs);
        for (const [i, piece] of pieces.entries())
          if (i > 0) expect(piece.startNs).toBe(pieces[i - 1]!.endNs);
      }),
      { numRuns: 25 },
    );
  });

  it('marks the stop that the verdict names, and only that', () => {
    const walk = walkOf(view);
    expect(walk.stops.filter(({ guilty }) => guilty).map(({ kind }) => kind)).toEqual(['db']);
    expect(stop(walk, 'db').spanId).toBe(byName('Seq Scan on orders'));
    expect(
      stop(walk, 'db')
        .risks.filter(({ happened }) => happened)
        .map(({ cause }) => cause),
    ).toEqual(['db.seq_scan']);
    const other = walkOf(view, byName('GET /'));
    expect(other.stops.some(({ guilty }) => guilty)).toBe(false);
    expect(other.verdictRequest?.name).toBe('POST /api/orders');
    expect(said(other, 'sum')).toContain('about another request, POST /api/orders');
  });

  it('pays for a connection once: the request that made it, not those that ride on it', () => {
    const page = walkOf(view, byName('GET /'));
    expect(kinds(page)).toEqual(expect.arrayContaining(['dns', 'tcp', 'tls']));
    expect(kinds(page)).not.toContain('reuse');
    expect(said(page, 'tls')).toContain('This request paid 41 ms for it');
    const order = walkOf(view);
    expect(kinds(order)).not.toContain('tls');
    expect(said(order, 'reuse')).toContain('nothing to pay here: the connection to shop.example');
    expect(said(order, 'reuse')).toContain('DNS 64 ms, TCP 22 ms and TLS 41 ms');
    expect(stop(order, 'reuse').ns).toBe(0);
  });

  it('walks a trace of services alone, and says what would show the rest', () => {
    const walk = walkOf(servicesOnly());
    expect(kinds(walk)).toEqual(['overview', 'service', 'pool', 'db', 'sum']);
    expect(walk.unseen.map(({ layer }) => layer)).toContain('dns');
    expect(stop(walk, 'sum').look).toContain('Nothing shows dns.');
    expect(said(walk, 'sum')).toContain(
      'Not seen in this run: browser, DNS, TCP, TLS, network and load balancer.',
    );
    expect(inside(walk).reduce((sum, { ns }) => sum + ns, 0)).toBe(walk.request.endNs - walk.request.startNs);
  });

  it('says that it does not know where no server was seen', () => {
    const request = view.trace.spans.find((span) => span.name === '/nothing' || /vendor-29/.test(span.name))!;
    const walk = walkOf(view, request.spanId);
    expect(said(walk, 'wait')).toContain('no server behind it said anything of this request');
    expect(kinds(walk)).not.toContain('lb');
  });

  it('tells a failed request as failed', () => {
    const walk = walkOf(runView({ failed: true }), byName('GET /api/recommendations'));
    expect(said(walk, 'overview')).toContain('This run of checkout failed after 2.61 s');
    expect(said(walk, 'lb')).toContain('It ended badly: no server took the request within 500 ms (sQ).');
    expect(said(walk, 'lb')).not.toContain('passed it on');
    expect(said(walk, 'back')).toContain('status 503, which says “nobody is free or able to answer”');
  });

  it('shortens hostile names and puts them on one line', () => {
    const long = { ...view, trace: { ...view.trace, spans: view.trace.spans.map(withLongName) } };
    for (const each of walkOf(long).stops)
      for (const sentence of [...each.sentences, each.title]) {
        expect(sentence.length).toBeLessThan(800);
        expect(sentence).not.toContain('\n');
      }
    expect(walkOf(runView({ hostile: true }), undefined).stops.length).toBeGreaterThan(5);
  });

  it('does not change what it looks at, and says the same twice', () => {
    const before = JSON.stringify(view);
    expect(walkOf(view)).toEqual(walkOf(view));
    expect(JSON.stringify(view)).toBe(before);
  });
});

const withLongName = (span: Span): Span => ({
  ...span,
  name: `${span.name}\n${HOSTILE.long}`,
  component: HOSTILE.long,
});

describe('what can go wrong', () => {
  const listed = new Set(
    [
      ...readFileSync(new URL('../../../docs/causes.md', import.meta.url), 'utf8').matchAll(
        /`([a-z]+\.[a-z0-9_]+)`/g,
      ),
    ].map(([, cause]) => cause),
  );
  it.each(Object.entries(GUIDE))(
    '%s: only causes that are in our list, each with words',
    (kind, { risks, look }) => {
      expect(listed.size).toBeGreaterThan(40);
      expect(risks.filter(({ cause }) => !listed.has(cause))).toEqual([]);
      if (kind === 'overview' || kind === 'sum') return;
      expect(risks.length).toBeGreaterThan(0);
      expect(look.length).toBeGreaterThan(0);
      for (const words of [...look, ...risks.map((risk) => risk.words)]) expect(words).toMatch(/[.?]$/);
    },
  );
});

describe('recorded runs', () => {
  it.each(['quiet', 'lock', 'failed'])('%s: every request adds up, and no sentence has a hole', (name) => {
    const recorded = readViewFile(name).view;
    const requests = recorded.trace.spans.filter((span) => span.attributes[HEADWATER.type] === 'request');
    expect(requests.length).toBeGreaterThan(0);
    for (const { spanId, startNs, endNs } of requests) {
      const walk = walkOf(recorded, spanId);
      expect(inside(walk).reduce((sum, { ns }) => sum + ns, 0)).toBe(endNs - startNs);
      for (const sentence of walk.stops.flatMap(({ sentences }) => sentences)) {
        expect(sentence).not.toMatch(
          /undefined|NaN|null|\[object|(?<![.\d])1 (stops|requests|questions|services|calls|tries|rows|seconds|days|servers)\b| {2}|\(\)/,
        );
        expect(sentence).toMatch(/[.!?…”]$/);
      }
    }
  });

  it('finds the lock in the walk that it chooses by itself', () => {
    const walk = walkOf(readViewFile('lock').view);
    const guilty = walk.stops.filter((each) => each.guilty);
    expect(guilty.map(({ kind }) => kind)).toEqual(['db']);
    expect(guilty[0]?.sentences.join(' ')).toContain('A lock lets one change at a time.');
  });

  it('says of the failed run that it failed, and where', () => {
    const walk = walkOf(readViewFile('failed').view);
    expect(walk.status).toBe('failed');
    expect(said(walk, 'overview')).toContain('failed after');
  });
});
