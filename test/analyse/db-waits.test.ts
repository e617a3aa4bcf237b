import { describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import { reported } from '../stitch/reported.ts';
import { client, reportOf, told, verdict } from './asked-database.ts';

const nsBlamed = ({ ledger }: ReturnType<typeof reportOf>, blamed: string): number =>
  ledger.filter(({ cause }) => cause === blamed).reduce((sum, { ns }) => sum + ns, 0);
const act = (name: string) => ({ [HEADWATER.dbAct]: name });
const node = (startMs: number, endMs: number, plan: Attributes, parent = 'told11') =>
  reported(`node${startMs}.${endMs}`, parent, startMs, endMs, {
    type: 'plan_node',
    layer: 'db',
    component: 'postgresql shop',
    source: 'postgresql',
    clock: 'mariadb',
    name: String(plan.node_type),
    attributes: Object.fromEntries(Object.entries(plan).map(([k, v]) => [`postgresql.plan.${k}`, v])),
  });

describe('a wait for a table', () => {
  const holder = { 'postgresql.lock_holder_pids': [7] };

  it('lies beside the parsing that asked for it, and names who held it', () => {
    const found = verdict(
      100,
      client('ask', 10, 90),
      told(11, 88, act('parse')),
      told(12, 87, { ...act('lock_wait'), ...holder }),
    );
    expect(found.cause).toBe('db.lock_wait');
    expect(found.evidence).toContain('backend 7');
    expect(found.confidence).toBe('certain');
  });

  it('is guessed when no line tells of it, and the verdict says so', () => {
    const found = verdict(100, client('ask', 10, 90), told(11, 88, act('parse')));
    expect(found.cause).toBe('db.lock_wait');
    expect(found.confidence).toBe('thin');
    expect(found.doubt).toContain('deadlock_timeout');
  });

  it('is not guessed of parsing that took a busy machine’s while', () => {
    expect(verdict(100, client('ask', 10, 60), told(11, 45, act('parse'))).cause).not.toBe('db.lock_wait');
  });
});

describe('a wait for a row that no line tells of', () => {
  const update = { node_type: 'ModifyTable', self_ms: 70, rows: 1, total_rows: 1, loops: 1 };
  const child = { node_type: 'Index Scan', self_ms: 0.02, rows: 1, total_rows: 1, loops: 1 };
  const asked = (modify: Attributes, scan: Attributes, statement: Attributes = {}) =>
    verdict(
      100,
      client('ask', 10, 90),
      told(11, 85, { ...act('plan'), ...statement }),
      node(11, 84, { ...update, ...modify }),
      node(11, 12, { ...child, ...scan }, 'node11.84'),
    );

  it('shows in the change of a row that took long', () => {
    const found = asked({}, {});
    expect(found.cause).toBe('db.lock_wait');
    expect(found.confidence).toBe('thin');
    expect(found.evidence).toContain('70 ms over a few rows');
  });

  it('shows in a SELECT … FOR UPDATE too', () => {
    expect(asked({ node_type: 'LockRows' }, {}).cause).toBe('db.lock_wait');
  });

  it.each<[string, Attributes, Attributes, Attributes]>([
    ['many rows were changed', {}, { total_rows: 5_000 }, {}],
    ['pages were read from disk', { shared_read_blocks: 4_000 }, {}, {}],
    ['the disk was slow', { io_read_ms: 60 }, {}, {}],
    ['a trigger was at work', {}, {}, { 'postgresql.trigger_ms': 65 }],
    ['another node had the time', { self_ms: 3 }, { self_ms: 67 }, {}],
  ])('is not guessed when %s', (_why, modify, scan, statement) => {
    expect(asked(modify, scan, statement).cause).not.toBe('db.lock_wait');
  });
});

describe('a statement that ran long', () => {
  const heavy = {
    node_type: 'Nested Loop',
    self_ms: 50,
    rows: 499_500,
    total_rows: 499_500,
    plan_rows: 12,
    loops: 1,
  };

  it('is told with the node that had the time, and how far off its estimate was', () => {
    const found = verdict(100, client('ask', 10, 90), told(11, 75, act('plan')), node(11, 74, heavy));
    expect(found.cause).toBe('db.slow_plan');
    expect(found.evidence).toContain(
      'Nested Loop had 50 ms of that and gave 499 500 rows, where 12 were expected',
    );
  });

  it('is told with its triggers', () => {
    const triggers = { ...act('plan'), 'postgresql.trigger_ms': 60 };
    const found = verdict(100, client('ask', 10, 90), told(11, 75, triggers));
    expect(found).toMatchObject({ cause: 'db.slow_plan', confidence: 'certain' });
    expect(found.evidence).toContain('its triggers had 60 ms');
    expect(found.next).toContain('triggers');
  });

  it('is not blamed when nothing says that it was at work, unless it is really long', () => {
    expect(verdict(100, client('ask', 10, 90), told(11, 75, act('plan'))).cause).not.toBe('db.slow_plan');
    const long = verdict(200, client('ask', 10, 190), told(11, 175, act('plan')));
    expect(long).toMatchObject({ cause: 'db.slow_plan', confidence: 'thin' });
  });

  it('is blamed with what it did before and after its plan', () => {
    const report = reportOf(
      100,
      client('ask', 10, 90),
      told(11, 85, act('statement')),
      told(13, 78, act('plan')),
      node(13, 77, heavy, 'told13'),
    );
    expect(nsBlamed(report, 'db.slow_plan')).toBe(74e6);
  });

  it('has a name of its own when it is a commit', () => {
    const commit = { ...act('statement'), 'db.query.text': 'COMMIT' };
    expect(verdict(100, client('ask', 10, 90), told(11, 75, commit)).cause).toBe('db.slow_commit');
    expect(verdict(100, client('ask', 10, 30), told(11, 25, commit)).cause).not.toBe('db.slow_commit');
  });
});

describe('a database that says nothing', () => {
  it('is named with the statement, and the verdict is not sure of it', () => {
    const found = verdict(200, client('ask', 10, 190, { attributes: { 'db.statement': 'select 1' } }));
    expect(found.cause).toBe('db.slow_query');
    expect(found.evidence).toContain('select 1');
    expect(found.confidence).toBe('thin');
  });

  it('is not named for what may be its distance', () => {
    expect(verdict(200, client('ask', 10, 90)).cause).not.toBe('db.slow_query');
  });
});

describe('a loop of statements', () => {
  const sql = { attributes: { 'db.query.text': 'select * from item where id = $1' } };
  const nsOf = (turns: number, everyMs: number, lengthMs: number) => {
    const turn = (_: unknown, i: number) =>
      client(`turn${i}`, 10 + i * everyMs, 10 + i * everyMs + lengthMs, sql);
    return nsBlamed(reportOf(200, ...Array.from({ length: turns }, turn)), 'db.n_plus_one');
  };

  it('costs the short pauses between its turns too', () => {
    expect(nsOf(40, 4, 3)).toBe((40 * 3 + 39) * 1e6);
  });

  it('does not cost what its caller did between them', () => {
    expect(nsOf(10, 15, 2)).toBe(10 * 2e6);
  });

  it('costs one longer pause among short ones too, but no work of its caller', () => {
    const turns = (pauseMs: number) =>
      Array.from({ length: 20 }, (_, i) => {
        const startMs = 10 + i * 4 + (i >= 10 ? pauseMs : 0);
        return client(`turn${i}`, startMs, startMs + 3, sql);
      });
    const ns = (pauseMs: number) => nsBlamed(reportOf(200, ...turns(pauseMs)), 'db.n_plus_one');
    expect(ns(9)).toBe((20 * 3 + 19 + 9) * 1e6);
    expect(ns(30)).toBe((20 * 3 + 18) * 1e6);
  });

  it('is one though starts are told in whole milliseconds', () => {
    // each begins up to a millisecond before the last has ended
    expect(nsOf(40, 2, 2.5)).toBeGreaterThan(75e6);
  });

  it('is seen through the spans that an object mapper puts around each statement', () => {
    const wrapped = Array.from({ length: 20 }, (_, i) => {
      const wrapper = reported(`find${i}`, 'service', 10 + i * 4, 13.5 + i * 4, {
        source: 'otlp',
        clock: 'app',
        resource: { 'service.name': 'app' },
      });
      const asked = client(`turn${i}`, 10.5 + i * 4, 13 + i * 4, sql);
      return [wrapper, { ...asked, parentSpanId: wrapper.spanId }];
    });
    const report = reportOf(100, ...wrapped.flat());
    expect(report.verdict.evidence).toContain('GET /pay asked the same 20 times');
    // from the first statement to the last, wrappers and pauses included
    expect(nsBlamed(report, 'db.n_plus_one')).toBe((19 * 4 + 2.5) * 1e6);
  });

  it('says that it writes when it does', () => {
    const insert = { attributes: { 'db.statement': 'INSERT INTO item VALUES (?)' } };
    const begin = { attributes: { 'db.statement': 'BEGIN' } };
    const turns = Array.from({ length: 9 }, (_, i) => [
      client(`begin${i}`, 10 + i * 10, 11 + i * 10, begin),
      client(`turn${i}`, 11 + i * 10, 18 + i * 10, insert),
    ]);
    const found = verdict(120, ...turns.flat());
    expect(found.sentence).toContain('writes its rows');
    expect(found.evidence).toContain('INSERT INTO item');
  });

  it('is none side by side', () => {
    expect(nsOf(40, 0.1, 80)).toBe(0);
  });
});

describe('a journey that failed', () => {
  const failed = (message: string, events: readonly { name: string; attributes: Attributes }[] = []) => [
    reported('order', 'step', 20, 80, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      name: 'POST /order',
      attributes: { 'http.response.status_code': 500, 'server.address': 'shop.example' },
      status: { code: 'error', message: '500' },
    }),
    reported('handler', 'order', 21, 79, {
      source: 'otlp',
      clock: 'app',
      resource: { 'service.name': 'app' },
      kind: 'server',
      status: { code: 'error', message },
      events: events.map((event) => ({ ...event, timeUnixNano: 0n })),
    }),
  ];
  const failing = reported('run', undefined, 0, 100, {
    type: 'run',
    layer: 'browser',
    status: { code: 'error', message: 'the journey gave up' },
  });
  const refused = { code: 'error', message: 'sorry, too many clients already' } as const;

  it('blames the database that refused its client', () => {
    const asking = {
      ...client('ask', 30, 40, { status: refused }),
      parentSpanId: reported('handler', '', 0, 0).spanId,
    };
    const found = verdict(100, failing, ...failed('oops'), asking);
    expect([found.layer, found.cause]).toEqual(['db', 'db.connections_exhausted']);
    expect(found.component).toBe('mariadb shop');
    expect(found.sentence).toContain('POST /order');
  });

  it('believes what the service noted when its client is not traced', () => {
    const exception = { name: 'exception', attributes: { 'exception.message': 'ERROR: deadlock detected' } };
    const found = verdict(100, failing, ...failed('oops', [exception]));
    expect([found.layer, found.cause]).toEqual(['db', 'db.deadlock']);
  });

  it('leaves another failure to the service', () => {
    expect(verdict(100, failing, ...failed('oops')).layer).toBe('service');
  });
});
