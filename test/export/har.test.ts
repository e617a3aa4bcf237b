import { describe, expect, it } from 'vitest';
import { harOf } from '../../src/export/har.ts';
import { readHar } from '../../src/import/har.ts';
import { HEADWATER, PHASES } from '../../src/model/attributes.ts';
import type { RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';
import { readRun, viewOf } from '../fixtures/recorded-run.ts';
import { checkedHar } from './har-schema.ts';

const textOf = (view: RunView): string => JSON.stringify(harOf(view, '0.0.0'));
const RUNS = [
  'lb-queue',
  'page-redirects',
  'page-preflight',
  'tcp-refused',
  'tls-expired',
  'dns-gone',
  'page-third-party',
];

describe.each(RUNS)('%s', (name) => {
  const view = viewOf(readRun(name));
  const requests = view.trace.spans.filter(({ attributes }) => attributes[HEADWATER.type] === 'request');

  it('is a valid HAR 1.2, with every request and every step', () => {
    const har = checkedHar(textOf(view));
    expect(har.log.entries.length).toBe(requests.length);
    expect(har.log.pages?.map(({ title }) => title)).toEqual(view.report.steps.map((step) => step.name));
  });

  it('is read back with the same phases', () => {
    const { spans, warnings } = readHar(textOf(view));
    expect(warnings).toEqual([]);
    const back = spans.filter(({ attributes }) => attributes[HEADWATER.type] === 'request');
    expect(back.length).toBe(requests.length);
    const phasesOf = (id: string) => spans.filter((span) => span.parentSpanId === id && isPhase(span));
    const byStart = [...requests].sort((a, b) => a.startNs - b.startNs);
    byStart.forEach((request, i) => {
      const imported = phasesOf(back[i]!.spanId);
      for (const phase of [PHASES.dns, PHASES.connect, PHASES.tls, PHASES.waiting])
        expect(lengthOf(imported, phase), `${phase} of ${request.name}`).toBe(lengthIn(view, request, phase));
    });
  });
});

const isPhase = ({ attributes }: Pick<Span, 'attributes'>) => attributes[HEADWATER.type] === 'phase';
const lengthOf = (
  phases: readonly { name: string; startUnixNano: bigint; endUnixNano: bigint }[],
  name: string,
) =>
  phases
    .filter((phase) => phase.name === name)
    .reduce((sum, phase) => sum + Number(phase.endUnixNano - phase.startUnixNano), 0);
const lengthIn = ({ trace }: RunView, request: Span, name: string) =>
  trace.spans
    .filter((span) => span.parentId === request.spanId && isPhase(span) && span.name === name)
    .reduce((sum, span) => sum + span.endNs - span.startNs, 0);

it('tells where each hop of a redirect led', () => {
  const { entries } = harOf(viewOf(readRun('page-redirects')), '0').log;
  const targets = entries.flatMap(({ response }) => (response as { redirectURL: string }).redirectURL || []);
  const urls = entries.map(({ request }) => (request as { url: string }).url);
  expect(targets.length).toBe(3);
  for (const target of targets) expect(urls).toContain(target);
});

it('calls priorities and kinds as Chrome does', () => {
  const entries = harOf(viewOf(readRun('page-redirects')), '0').log.entries as unknown as Record<
    string,
    string
  >[];
  const all = (key: string) => new Set(entries.map((entry) => entry[key]));
  expect(all('_priority')).toContain('VeryHigh');
  expect(all('_resourceType')).toContain('document');
});

it('tells of services’ calls where no browser was seen', () => {
  const run = readRun('lb-queue');
  const services = run.spans.filter(({ source }) => source === 'otlp');
  const har = checkedHar(textOf(viewOf({ ...run, spans: services })));
  expect(har.log.entries.length).toBeGreaterThan(0);
});
