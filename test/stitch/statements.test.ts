import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { JOINED_BY_STATEMENT } from '../../src/stitch/statements.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported } from './reported.ts';

const SQL = 'select note from orders where id = $1';
const APP = { source: 'otlp', clock: 'app', resource: { 'service.name': 'app' } };

const run = reported('run', undefined, 0, 1_000, { type: 'run', layer: 'browser' });
const client = (id: string, startMs: number, endMs: number, attributes: Attributes = {}) =>
  reported(id, 'run', startMs, endMs, {
    ...APP,
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.query.text': SQL,
      ...attributes,
    },
  });
const told = (
  id: string,
  parent: string | undefined,
  startMs: number,
  endMs: number,
  attributes: Attributes = {},
) =>
  reported(id, parent, startMs, endMs, {
    type: 'db_server',
    source: 'postgresql',
    clock: 'pg',
    evidence: 'logged',
    precisionNs: 1e6,
    attributes: {
      [HEADWATER.dbAct]: 'plan',
      [HEADWATER.dbSession]: '7',
      'db.namespace': 'shop',
      'db.query.text': SQL,
      ...attributes,
    },
  });
const offered = (id: string, startMs: number, endMs: number, attributes: Attributes = {}) =>
  told(id, undefined, startMs, endMs, { [HEADWATER.joinedBy]: JOINED_BY_STATEMENT, ...attributes });
const act = (name: string) => ({ [HEADWATER.dbAct]: name });

function stitched(...spans: readonly ReportedSpan[]) {
  const trace = stitch([run, ...spans]);
  const byId = new Map(trace?.spans.map((span) => [span.spanId, span]));
  return {
    parentOf: (id: string) => byId.get(byId.get(idOf(id))?.parentId ?? '')?.name,
    span: (id: string) => byId.get(idOf(id)),
    warnings: trace?.warnings.map(({ code }) => code) ?? [],
  };
}

describe('inside one statement', () => {
  it('a wait hangs under the statement that it delayed, an instant of it under the wait', () => {
    const { parentOf } = stitched(
      client('ask', 10, 110),
      told('line', 'ask', 12, 108, act('statement')),
      told('plan', 'ask', 13, 107),
      told('wait', 'ask', 20, 100, act('lock_wait')),
      told('still', 'ask', 30, 30, act('note')),
      told('file', 'ask', 105, 105, act('note')),
    );
    expect(['line', 'plan', 'wait', 'still', 'file'].map(parentOf)).toEqual([
      'ask',
      'line',
      'plan',
      'wait',
      'plan',
    ]);
  });

  it('a wait that came before the plan was run stays beside it', () => {
    const { parentOf } = stitched(
      client('ask', 10, 110),
      told('wait', 'ask', 20, 100, act('lock_wait')),
      told('plan', 'ask', 101, 102),
    );
    expect(['wait', 'plan'].map(parentOf)).toEqual(['ask', 'ask']);
  });

  it('nothing of another session', () => {
    const { parentOf } = stitched(
      client('ask', 10, 110),
      told('plan', 'ask', 13, 107),
      told('wait', 'ask', 20, 100, { ...act('lock_wait'), [HEADWATER.dbSession]: '8' }),
    );
    expect(parentOf('wait')).toBe('ask');
  });
});

describe('a frozen comment', () => {
  it('is not what a quick statement has, whose length and plan are told in whole milliseconds', () => {
    const { parentOf, warnings } = stitched(
      client('ask', 10, 10.6),
      told('length', 'ask', 9.8, 10.3, act('statement')),
      told('plan', 'ask', 9.9, 10.2),
    );
    expect(parentOf('plan')).toBeDefined();
    expect(parentOf('length')).toBe('ask');
    expect(warnings).toEqual([]);
  });

  it('holds the first execution only, and does not set the clock', () => {
    const { span, warnings } = stitched(
      client('ask', 10, 20),
      told('first', 'ask', 12, 18),
      told('second', 'ask', 312, 318),
      told('third', 'ask', 912, 918),
    );
    expect(span('first')?.startNs).toBe(12e6);
    expect([span('second'), span('third')]).toEqual([undefined, undefined]);
    expect(warnings).toEqual(['db.frozen_comment']);
  });

  it('leaves two statements of one text that was sent at once', () => {
    const { parentOf } = stitched(
      client('ask', 10, 20),
      told('one', 'ask', 11, 13),
      told('two', 'ask', 14, 19),
    );
    expect(['one', 'two'].map(parentOf)).toEqual(['ask', 'ask']);
  });

  it.each([
    ['the first of two is known by its second', 1_000, ['ask', undefined]],
    ['of two within a second neither is', 0, [undefined, undefined]],
  ])('in whole seconds: %s', (_, laterMs, parents) => {
    const coarse = (id: string, atMs: number): ReportedSpan => ({
      ...told(id, 'ask', atMs, atMs + 2, act('statement')),
      precisionNs: 1e9,
    });
    const { parentOf, warnings } = stitched(client('ask', 10, 20), coarse('one', 0), coarse('two', laterMs));
    expect(['one', 'two'].map(parentOf)).toEqual(parents);
    expect(warnings).toEqual(['db.frozen_comment']);
  });

  it('a later execution is joined to the client span of its own', () => {
    const { parentOf, span } = stitched(
      client('ask', 10, 20),
      client('again', 310, 320),
      told('first', 'ask', 12, 18),
      told('second', 'ask', 312, 318),
      offered('second', 312, 318),
    );
    expect(['first', 'second'].map(parentOf)).toEqual(['ask', 'again']);
    expect(span('second')?.placed.join()).toContain('statement text and time');
  });
});

describe('a statement without a comment', () => {
  it('hangs under the only client that sent it at that time, slid within its precision', () => {
    const { parentOf, span, warnings } = stitched(
      client('ask', 10, 20),
      client('later', 50, 60),
      offered('s', 9.4, 17),
    );
    expect(parentOf('s')).toBe('ask');
    expect(span('s')?.startNs).toBe(10e6);
    expect(warnings).toEqual([]);
  });

  it('takes its plan and its waits along', () => {
    const { parentOf } = stitched(
      client('ask', 10, 20),
      offered('line', 11, 19, act('statement')),
      offered('plan', 11, 18),
      offered('wait', 12, 17, act('lock_wait')),
    );
    expect(['line', 'plan', 'wait'].map(parentOf)).toEqual(['ask', 'line', 'plan']);
  });

  const elsewhere: readonly (readonly [string, readonly ReportedSpan[]])[] = [
    ['another text', [client('ask', 10, 20, { 'db.query.text': 'select 1' }), offered('s', 12, 18)]],
    ['another database', [client('ask', 10, 20, { 'db.namespace': 'crm' }), offered('s', 12, 18)]],
    ['another time', [client('ask', 10, 20), offered('s', 32, 38)]],
    ['longer than the client waited', [client('ask', 10, 20), offered('s', 9.5, 20.5)]],
    ['two clients at that time', [client('ask', 10, 20), client('too', 11, 21), offered('s', 12, 18)]],
    ['two executions at that time', [client('ask', 10, 20), offered('s', 11, 13), offered('t', 14, 18)]],
    [
      'two sessions at that time',
      [
        client('ask', 10, 20),
        offered('s', 11, 13),
        offered('t', 11, 18, { ...act('statement'), [HEADWATER.dbSession]: '8' }),
      ],
    ],
    ['a client that was answered', [client('ask', 10, 20), told('own', 'ask', 12, 18), offered('s', 12, 18)]],
  ];
  it.each(elsewhere)('is not shown: %s', (_, spans) => {
    const { span, warnings } = stitched(...spans);
    expect(span('s')).toBeUndefined();
    expect(warnings).toEqual(['db.statement_ambiguous']);
  });
});
