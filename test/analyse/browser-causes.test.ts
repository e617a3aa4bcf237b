/** What a page made people wait for: each cause once as it is, and once nearly. Times in ms. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/analyse/analyse.ts';
import { siteOf } from '../../src/analyse/causes/page-requests.ts';
import { HOST_LANES } from '../../src/model/host-lanes.ts';
import type { Layer } from '../../src/model/layer.ts';
import type { Lane, RunReport } from '../../src/model/report.ts';
import type { Attributes, ReportedSpan } from '../../src/model/span.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { idOf, reported } from '../stitch/reported.ts';

const END = 600;

/** A step of 600 ms in which Playwright waits for what the parts did. */
const reportOf = (...parts: readonly ReportedSpan[][]): RunReport => reportBeside([], ...parts);

const HOST = 'station';
/** Of the browser's own host, in percent of its CPUs. */
const busy = (percent: number): Lane => ({
  ...{ host: HOST, name: HOST_LANES.cpuBusy, unit: '%' },
  ...{ timesNs: [0, END * 1e6], values: [0, percent] },
});

function reportBeside(lanes: readonly Lane[], ...parts: readonly ReportedSpan[][]): RunReport {
  const all = [
    {
      ...reported('run', undefined, 0, END, { type: 'run', layer: 'browser' }),
      resource: { 'process.pid': 1, 'host.name': HOST },
    },
    reported('step', 'run', 0, END, { type: 'step', layer: 'browser' }),
    reported('goto', 'step', 0, END, { type: 'action', layer: 'browser', name: 'page.goto' }),
    ...parts.flat(),
  ];
  const { report } = analyse(stitch(all)!, {}, lanes);
  expect(report.ledger.reduce((sum, entry) => sum + entry.ns, 0)).toBe(report.wallNs);
  return report;
}

const msOf = ({ ledger }: RunReport, cause: string): number =>
  ledger.filter((entry) => entry.cause === cause).reduce((sum, entry) => sum + entry.ns / 1e6, 0);

interface Asked {
  readonly host?: string;
  readonly kind?: string;
  readonly method?: string;
  readonly status?: number;
  readonly path?: string;
  /** Until the connection is there. */
  readonly setupMs?: number;
  readonly attributes?: Attributes;
}

/** A request of the page: waits for a connection, sets one up, and is answered. */
function request(id: string, startMs: number, endMs: number, asked: Asked = {}): ReportedSpan[] {
  const { host = 'shop.example', kind = 'fetch', method = 'GET', status = 200, path = `/${id}` } = asked;
  const setUpMs = startMs + (asked.setupMs ?? 0);
  const part = (name: string, layer: Layer, from: number, to: number) =>
    reported(`${id}${name[0]}${name[1]}`, id, from, to, {
      type: 'phase',
      layer,
      name,
      component: `${host}:443`,
    });
  return [
    reported(id, 'step', startMs, endMs, {
      type: 'request',
      layer: 'browser',
      kind: 'client',
      name: `${method} ${path}`,
      component: `${host}:443`,
      attributes: {
        'http.request.method': method,
        'http.response.status_code': status,
        'url.full': `https://${host}${path}`,
        'server.address': host,
        'headwater.resource_type': kind,
        'headwater.traceparent_sent': host === 'shop.example',
        ...asked.attributes,
      },
    }),
    ...(asked.setupMs ? [part('TLS handshake', 'tls', startMs, setUpMs)] : []),
    part('waiting', 'network', setUpMs, endMs),
  ];
}

const page = (endMs = 100) => request('page', 0, endMs, { kind: 'document' });
const task = (id: string, startMs: number, endMs: number) =>
  reported(id, 'step', startMs, endMs, { type: 'task', layer: 'browser', name: 'parse HTML' });
const script = (id: string, of: string, startMs: number, endMs: number, attributes: Attributes = {}) =>
  reported(id, of, startMs, endMs, {
    type: 'task_part',
    layer: 'browser',
    name: 'run script /offers.js',
    attributes: { 'url.full': 'https://shop.example/offers.js', ...attributes },
  });

describe('tasks', () => {
  it("blames a script for its own stretch, not for its task's", () => {
    const made = reportOf(page(), [
      task('parse', 100, 180),
      script('offers', 'parse', 110, 160, { 'code.function.name': 'rank', 'code.line.number': 12 }),
    ]);
    expect(made.verdict).toMatchObject({
      layer: 'browser',
      cause: 'browser.long_task',
      component: '/offers.js',
      ns: 50e6,
    });
    expect(made.verdict.sentence).toContain('the script /offers.js:12, in rank() kept the page busy');
    expect(made.verdict.evidence).toContain('ran for 50 ms');
    expect(msOf(made, 'browser.main_thread')).toBe(30);
  });

  it('not a short one, not one without an address, and no task that no script is seen in', () => {
    const short = reportOf(page(), [task('parse', 100, 180), script('offers', 'parse', 110, 149)]);
    expect(msOf(short, 'browser.long_task')).toBe(0);
    const driver = reportOf(page(), [
      task('parse', 100, 180),
      script('offers', 'parse', 101, 179, { 'url.full': '' }),
    ]);
    expect(msOf(driver, 'browser.long_task')).toBe(0);
    expect(msOf(reportOf(page(), [task('parse', 100, 300)]), 'browser.long_task')).toBe(0);
    expect(msOf(reportOf(page(), [task('parse', 100, 400)]), 'browser.long_task')).toBe(300);
  });

  it('tells a script that computes from one that has the page laid out', () => {
    const laidOut = (layoutMs: number) =>
      reportOf(page(), [
        task('parse', 100, 200),
        script('offers', 'parse', 100, 200, {
          'headwater.task.layout_ms': layoutMs,
          'headwater.task.style_ms': 10,
        }),
      ]);
    expect(laidOut(60).verdict).toMatchObject({ cause: 'browser.forced_layout', ns: 100e6 });
    expect(laidOut(60).verdict.evidence).toContain('70 ms of that was style and layout');
    expect(laidOut(30).verdict.cause).toBe('browser.long_task');
  });
});

describe('timers', () => {
  const timer = (askedMs: number) => [
    task('before', 100, 110),
    reported('timer', 'step', 110, 110 + askedMs + 2, {
      type: 'wait',
      layer: 'browser',
      attributes: { 'headwater.wait.kind': 'timer', 'headwater.wait.asked_ms': askedMs },
    }),
    task('after', 110 + askedMs + 2, 200),
  ];

  it('are a problem when a script asked for a long one', () => {
    const made = reportOf(page(), timer(50));
    expect(made.verdict).toMatchObject({ layer: 'browser', cause: 'browser.slow_timer', ns: 52e6 });
    expect(made.verdict.evidence).toContain('asked for 50 ms and got 52 ms');
  });

  it('are waited for whole, whoever looked at the page meanwhile, but not while an answer was on its way', () => {
    const looked = [task('look', 130, 133), task('again', 150, 153)];
    expect(msOf(reportOf(page(), [...timer(50), ...looked]), 'browser.slow_timer')).toBe(52);
    const answered = reportOf(page(), timer(50), request('answer', 105, 150));
    expect(msOf(answered, 'browser.slow_timer')).toBe(12);
  });

  it('are the life of a page otherwise', () => {
    expect(msOf(reportOf(page(), timer(30)), 'browser.timer')).toBe(32);
  });
});

describe('redirects', () => {
  const hop = (id: string, startMs: number, endMs: number, before: string | undefined, asked: Asked = {}) =>
    request(id, startMs, endMs, {
      kind: 'document',
      status: 301,
      host: 'old.example',
      ...asked,
      attributes: { 'headwater.initiator': before ? idOf(before) : 'other' },
    });

  it('are one detour with all that it took, by the host that it began at', () => {
    const made = reportOf(
      hop('one', 0, 60, undefined, { setupMs: 20 }),
      hop('two', 60, 90, 'one', { host: 'older.example' }),
      hop('last', 90, 200, 'two', { status: 200, host: 'shop.example' }),
    );
    expect(made.verdict).toMatchObject({ cause: 'browser.redirects', component: 'old.example', ns: 90e6 });
    expect(made.verdict.evidence).toContain('2 redirects: old.example/one 60 ms, older.example/two 30 ms.');
  });

  it("but not the answer to a form, and not time that is a hop's own fault", () => {
    expect(
      msOf(reportOf(hop('post', 0, 90, undefined, { method: 'POST', status: 303 })), 'browser.redirects'),
    ).toBe(0);
    const slowTls = reportOf(hop('one', 0, 460, undefined, { setupMs: 400 }));
    expect(msOf(slowTls, 'tls.slow_handshake')).toBe(400);
    expect(msOf(slowTls, 'browser.redirects')).toBe(60);
  });

  it('and not what the browser has answered by itself', () => {
    expect(msOf(reportOf(request('same', 0, 90, { status: 304 })), 'browser.redirects')).toBe(0);
  });
});

describe('preflights', () => {
  const points = () => {
    const [asked, waiting] = request('points', 100, 200, { host: 'api.partner.example' });
    const wait = reported('wait', 'points', 100, 190, {
      type: 'phase',
      layer: 'browser',
      name: 'wait_for_connection',
      component: 'chromium',
    });
    return [asked!, wait, { ...waiting!, startUnixNano: wait.endUnixNano }];
  };
  const leave = (initiator = idOf('points')) =>
    request('leave', 101, 189, {
      host: 'api.partner.example',
      kind: 'other',
      path: '/points',
      method: 'OPTIONS',
      setupMs: 18,
      attributes: { 'headwater.initiator': initiator },
    });

  it('cost the request that waited for them, but for a connection that it would have needed', () => {
    const made = reportOf(page(), points(), leave());
    expect(made.verdict).toMatchObject({
      layer: 'browser',
      cause: 'browser.preflight',
      component: 'api.partner.example',
      ns: 70e6,
    });
    expect(msOf(made, 'tls.handshake')).toBe(18);
  });

  it('are not what a script asks with OPTIONS itself', () => {
    expect(msOf(reportOf(page(), leave('script')), 'browser.preflight')).toBe(0);
  });
});

describe('files that a page waits for', () => {
  const late = (asked: Asked, lengthMs = 80) =>
    reportOf(page(), request('file', 100, 100 + lengthMs, { kind: 'script', setupMs: 20, ...asked }));

  it('are a third party where another site is late and nobody there was seen', () => {
    const made = late({ host: 'cdn.tags.example', attributes: { 'headwater.render_blocking': 'blocking' } });
    expect(made.verdict).toMatchObject({
      cause: 'browser.third_party',
      component: 'cdn.tags.example',
      ns: 80e6,
    });
    expect(made.verdict.evidence).toContain('nothing could be drawn before it');
  });

  it.each([
    ['it is in time', late({ host: 'cdn.tags.example' }, 39)],
    ['it is a name of the same site', late({ host: 'static.shop.example' })],
    ['the journey went there itself', late({ host: 'login.other.example', kind: 'document' })],
    [
      'a server there reports to the trace',
      reportOf(page(), request('file', 100, 180, { kind: 'script', host: 'cdn.tags.example' }), [
        reported('serve', 'file', 105, 175, { kind: 'server', layer: 'service', component: 'tags' }),
      ]),
    ],
  ])('but not where %s', (_, made) => {
    expect(msOf(made, 'browser.third_party')).toBe(0);
  });

  it("are told by the first page's site where nobody was given the trace", () => {
    const untold = { attributes: { 'headwater.traceparent_sent': false } };
    const first = request('page', 0, 100, { kind: 'document', ...untold });
    const file = (host: string) => request('file', 100, 180, { kind: 'script', host });
    expect(msOf(reportOf(first, file('static.shop.example')), 'browser.third_party')).toBe(0);
    expect(msOf(reportOf(first, file('cdn.tags.example')), 'browser.third_party')).toBe(80);
  });

  it('block the picture where the browser says so: style sheets of anybody, scripts of its own', () => {
    const blocking = { attributes: { 'headwater.render_blocking': 'blocking' } };
    const others = late({ host: 'cdn.tags.example', kind: 'stylesheet', ...blocking });
    expect(others.verdict).toMatchObject({ cause: 'browser.render_blocking', ns: 80e6 });
    expect(others.verdict.sentence).toContain('the stylesheet /file from cdn.tags.example');
    // the connection to its own site it would have needed anyway
    expect(msOf(late({ ...blocking }), 'browser.render_blocking')).toBe(60);
    expect(msOf(late({ ...blocking }, 55), 'browser.render_blocking')).toBe(0);
    expect(
      msOf(late({ attributes: { 'headwater.render_blocking': 'non blocking' } }), 'browser.render_blocking'),
    ).toBe(0);
  });
});

describe('a file that was late on a busy host', () => {
  const blocking = { kind: 'stylesheet', attributes: { 'headwater.render_blocking': 'blocking' } };
  const late = (percent: number, tookMs: number, asked: Asked) =>
    reportBeside([busy(percent)], page(), request('file', 100, 100 + tookMs, asked));
  const others = { kind: 'script', host: 'cdn.tags.example' };

  it('is not blamed where no CPU was left and it was not much too late', () => {
    for (const asked of [blocking, others]) {
      const made = late(97, 46, asked);
      expect(msOf(made, 'browser.crowded_host')).toBe(46);
      expect(made.verdict.sentence).toContain('nothing stands out');
    }
  });

  it('is blamed where a CPU was left, and where it was later than that', () => {
    for (const [percent, tookMs] of [
      [60, 46],
      [97, 58],
    ] as const) {
      expect(late(percent, tookMs, blocking).verdict.cause).toBe('browser.render_blocking');
      expect(late(percent, tookMs, others).verdict.cause).toBe('browser.third_party');
    }
  });
});

describe('requests one after the other', () => {
  const row = (count: number, path: (i: number) => string, pauseMs = 0) =>
    reportOf(
      page(),
      ...Array.from({ length: count }, (_, i) =>
        request(`r${i}`, 100 + i * (20 + pauseMs), 120 + i * (20 + pauseMs), { path: path(i) }),
      ),
    );

  it('cost all but the first', () => {
    const made = row(6, (i) => `/price/${i}`);
    expect(made.verdict).toMatchObject({ cause: 'browser.one_by_one', component: 'shop.example', ns: 100e6 });
    expect(made.verdict.evidence).toContain('6 requests');
  });

  it.each([
    ['there are few', row(4, (i) => `/price/${i}`)],
    ['they ask for different things', row(6, (i) => `/${'abcdef'[i]}`)],
    ['it is one question again and again', row(6, () => '/is-it-there')],
    ['the page lets time pass between them', row(5, (i) => `/price/${i}`, 101)],
  ])('but not where %s', (_, made) => {
    expect(msOf(made, 'browser.one_by_one')).toBe(0);
  });
});

describe('what nobody waits for', () => {
  it('is a ping, however late its answer', () => {
    const made = reportOf(page(), [task('after', 300, 310)], request('ping', 100, 290, { kind: 'ping' }));
    expect(msOf(made, 'network.unexplained')).toBe(100);
  });
});

it.each([
  ['static.shop.example', 'shop.example'],
  ['www.shop.co.uk', 'shop.co.uk'],
  ['shop.de', 'shop.de'],
  ['localhost', 'localhost'],
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
])('%s belongs to %s', (host, site) => {
  expect(siteOf(host)).toBe(site);
});
