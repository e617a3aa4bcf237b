import { describe, expect, it } from 'vitest';
import { readAlbLog } from '../../src/import/alb-log.ts';
import { logFormatOf } from '../../src/import/formats.ts';
import { checkImport, fixture, fixturesOf } from './check-import.ts';

const read = (name: string) => readAlbLog(fixture('alb', name).toString());
const codes = (name: string) => read(name).warnings.map(({ code }) => code);

describe('every fixture (made by hand: AWS cannot be run here)', () => {
  it.each(fixturesOf('alb'))('%s', (name) => checkImport('alb', name, read(name)));
});

describe('a forwarded request', () => {
  const [proxy, ...phases] = read('forwarded.log').spans;
  it('is a proxy span with its phases, one after another', () => {
    expect(proxy).toMatchObject({ name: 'GET /cart', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' });
    expect(
      phases.map(({ name, startUnixNano, endUnixNano }) => [name, Number(endUnixNano - startUnixNano) / 1e6]),
    ).toEqual([
      ['receive', 6],
      ['server', 48],
      ['transfer', 37],
    ]);
  });

  it('has what joins it to a request when Amazon made the trace id: client port, method and path', () => {
    expect(proxy).not.toHaveProperty('parentSpanId');
    expect(proxy?.attributes).toMatchObject({
      'client.port': 50488,
      'http.request.method': 'GET',
      'url.path': '/cart',
    });
  });

  it('is known by its beginning', () =>
    expect(logFormatOf(fixture('alb', 'forwarded.log').toString())?.name).toBe('AWS ALB log'));
});

it('hangs under the parent that the client named in its X-Amzn-Trace-Id', () =>
  expect(read('self-and-parent.log').spans[0]?.parentSpanId).toBe('00f067aa0ba902b7'));

it.each([
  ['no-target.log', 'no_server', 'HTTP 503, no server was up'],
  ['target-timeout.log', 'server_timeout', 'HTTP 504, the server did not answer in time'],
  ['client-gone.log', 'client_gone', 'HTTP 460, the client gave up'],
])('%s: %s', (name, ending, message) => {
  const [proxy] = read(name).spans;
  expect(proxy?.attributes['headwater.proxy.ending']).toBe(ending);
  expect(proxy?.status).toEqual({ code: 'error', message });
});

it.each([
  ['truncated.log', ['alb.truncated']],
  ['connection-log.log', ['alb.bad_line']],
  ['no-time.log', ['alb.no_time']],
  ['no-trace.log', []],
])('%s gives no span', (name, expected) => {
  expect(read(name).spans).toEqual([]);
  expect(codes(name)).toEqual(expected);
});
