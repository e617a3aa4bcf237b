/**
 * What the client waited for and no server explains, as spans with a name instead of a gap.
 *
 * ```
 * // client   |--------------------------|
 * // server         |-----------|
 * //          |-out-|           |--back--|
 * ```
 * For a request of the browser the wait begins when it was sent, not while its connection was being made.
 * They are inferred: a server that is busy before it starts its span, or after it ended it, looks the same.
 */
import { PHASES } from '../model/attributes.ts';
import { spanIdOf } from '../model/ids.ts';
import type { Nanos } from '../model/time.ts';
import { type Draft, isAnswerTo } from './draft.ts';

/** Shorter than this is a rounding of clocks, not a hop: no bar is drawn. */
const SHOWN_FROM_NS = 1_000;

export function residuals(drafts: readonly Draft[]): Draft[] {
  const answersByClient = new Map<Draft, Draft[]>();
  const sentNsByRequest = sentTimes(drafts);
  for (const draft of drafts) {
    const parent = draft.parent;
    if (!parent) continue;
    if (!isAnswerTo(draft, parent) || draft.type === 'db_server') continue;
    const answers = answersByClient.get(parent);
    if (answers) answers.push(draft);
    else answersByClient.set(parent, [draft]);
  }
  return [...answersByClient].flatMap(([client, answers]) =>
    aroundAnswers(client, answers, sentNsByRequest.get(client) ?? client.startNs),
  );
}

const EXCHANGE: ReadonlySet<string> = new Set([PHASES.send, PHASES.waiting, PHASES.download]);

/**
 * When each request was sent: when its first phase of the exchange began (`request sent` itself may be missing), or,
 * without any, when its connection was there. `drafts` holds siblings by start.
 */
function sentTimes(drafts: readonly Draft[]): Map<Draft, Nanos> {
  const sentNsByRequest = new Map<Draft, Nanos>();
  const exchanging = new Set<Draft>();
  for (const { type, parent, report, startNs, endNs } of drafts) {
    if (type !== 'phase' || !parent || exchanging.has(parent)) continue;
    const isExchange = EXCHANGE.has(report.name);
    if (isExchange) exchanging.add(parent);
    sentNsByRequest.set(parent, isExchange ? startNs : Math.max(endNs, sentNsByRequest.get(parent) ?? endNs));
  }
  return sentNsByRequest;
}

function aroundAnswers(client: Draft, answers: readonly Draft[], sentNs: Nanos): Draft[] {
  const first = answers.reduce((a, b) => (b.startNs < a.startNs ? b : a));
  const last = answers.reduce((a, b) => (b.endNs > a.endNs ? b : a));
  const bars: Draft[] = [];
  // A proxy times its own connect and queue: the hop out begins when it handed the request over.
  if (client.type === 'proxy') return bars;
  if (first.startNs - sentNs >= SHOWN_FROM_NS)
    bars.push(residual(client, first, 'network out', sentNs, first.startNs));
  if (client.endNs - last.endNs >= SHOWN_FROM_NS)
    bars.push(residual(client, last, 'network back', last.endNs, client.endNs));
  return bars;
}

function residual(client: Draft, server: Draft, name: string, startNs: Nanos, endNs: Nanos): Draft {
  const spanId = spanIdOf(client.spanId, name);
  const report = {
    ...client.report,
    spanId,
    parentSpanId: client.spanId,
    name,
    kind: 'internal' as const,
    attributes: {},
    events: [],
    links: [],
    status: { code: 'unset' as const },
    source: 'stitch',
    evidence: 'inferred' as const,
    precisionNs: Math.max(client.report.precisionNs, server.report.precisionNs),
  };
  return {
    report,
    type: undefined,
    layer: 'network',
    component: `${client.type === 'request' ? 'browser' : client.component} → ${server.component}`,
    rawStartNs: startNs,
    rawEndNs: endNs,
    spanId,
    parent: client,
    startNs,
    endNs,
    placed: [],
  };
}
