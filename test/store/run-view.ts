/** A finished run of two spans (more when asked), for the store's cases. */
import type { RunView } from '../../src/model/report.ts';
import type { Span } from '../../src/model/trace.ts';

const span = (index: number): Span => ({
  spanId: index.toString(16).padStart(16, '0'),
  parentId: index === 1 ? null : '0000000000000001',
  name: `span ${index} – 水`,
  kind: 'internal',
  startNs: 0,
  endNs: 300,
  rawStartNs: -1,
  rawEndNs: 300,
  layer: 'browser',
  component: 'browser',
  evidence: 'measured',
  source: 'cdp',
  clock: 'browser',
  precisionNs: 1_000,
  status: { code: 'unset' },
  attributes: { list: ['a', 'b'], count: 1 },
  events: [],
  links: [],
  placed: [],
});

export function runView(traceId: string, spanCount = 2): RunView {
  const startUnixNano = '1795333153872950123';
  const verdict = {
    layer: 'db',
    component: 'postgresql',
    cause: 'db.seq_scan',
    ns: 200,
    sentence: 'The database was slow.',
  } as const;
  const piece = { component: 'x', cause: 'x', evidence: 'measured', spanIds: ['0000000000000001'] } as const;
  return {
    report: {
      traceId,
      journey: 'checkout',
      status: 'ok',
      startUnixNano,
      wallNs: 300,
      steps: [],
      ledger: [
        { ...piece, layer: 'browser', ns: 100 },
        { ...piece, layer: 'db', ns: 150 },
        { ...piece, layer: 'db', ns: 50 },
      ],
      unknownNs: 0,
      verdict: { ...verdict, evidence: 'a plan', next: 'add an index', spanIds: [] },
      coverage: [{ layer: 'db', sources: ['postgresql'] }],
      clocks: [],
      warnings: [],
      overhead: {},
      viewerUrl: null,
    },
    path: [],
    trace: {
      traceId,
      originUnixNano: startUnixNano,
      rootId: '0000000000000001',
      spans: Array.from({ length: spanCount }, (_, i) => span(i + 1)),
      clocks: [],
      warnings: [],
    },
  };
}
