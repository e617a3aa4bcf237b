/** `headwater import`, as a person uses it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { JAEGER_SERVICES, standIn } from '../pull/stand-in.ts';
import { Home, ROOT } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());
const fixture = (path: string) => join(ROOT, 'test/fixtures', path);

it('reads what it can, says what it could not, and shows it afterwards', async () => {
  const said = await home.run(
    'import',
    fixture('zipkin/zipkin-3.5.json'),
    fixture('README.md'),
    fixture('jaeger/jaeger-1.76.json'),
  );
  expect(said.code).toBe(2);
  expect(said.stderr).toMatch(/zipkin-3\.5\.json +Zipkin v2 JSON, 4 spans of 1 trace\n/);
  expect(said.stderr).toMatch(/README\.md is in no format that Headwater knows/);
  expect(said.stderr).toMatch(/jaeger-1\.76\.json +Jaeger JSON, 2 spans of 1 trace\n/);
  expect((await home.run('list')).stdout).toMatch(/get \/ [\s\S]*POST \/cart|POST \/cart[\s\S]*get \//);
  const shown = await home.run('show', '0000000000000000', '--json');
  expect(JSON.parse(shown.stdout)).toMatchObject({ journey: 'get /', wallNs: 214_000_000 });
});

it('is for programs too', async () => {
  const { code, stdout } = await home.run('import', '--json', fixture('jaeger/opentelemetry-js-2.11.thrift'));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    files: [{ format: 'Jaeger Thrift', spans: 2, traces: 1, warnings: [] }],
    spans: 2,
    traces: 1,
    traceIds: [expect.stringMatching(/^[0-9a-f]{32}$/)],
  });
});

it('reads standard input', async () => {
  const child = home.start(['import', '-']);
  // nothing stands at its standard input: an empty one, said in a sentence
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(code).toBe(2);
});

it('shows one recording at once: verdict, waterfall and ledger', async () => {
  const { code, stdout, stderr } = await home.run('import', fixture('har/chrome-tls-within-connect.har'));
  expect(code).toBe(0);
  expect(stderr).toMatch(/HAR, \d+ spans of 1 trace/);
  expect(stdout).toMatch(/https:\/\/shop\.example\/ took 251 ms/);
  for (const part of ['Steps', 'Where the request went', 'GET /app.js', 'Where the time went', 'all of it'])
    expect(stdout).toContain(part);
});

it('fetches what the servers told from where a team’s traces live, and shows it below the requests', async () => {
  const trace = readFileSync(fixture('jaeger/jaeger-1.76.json'), 'utf8');
  const id = /"traceID":"(\w+)"/.exec(trace)?.[1];
  const server = await standIn({
    '/api/services': { body: JAEGER_SERVICES },
    [`/api/traces/${id}?raw=true`]: { body: trace },
  });
  const own = new Home();
  const har = fixture('har/answers-name-their-traces.har');
  try {
    const said = await own.run('import', har, '--traces-from', server.url);
    expect(said.code).toBe(0);
    expect(said.stderr).toMatch(/127\.0\.0\.1:\d+ +1 of 2 traces that the requests name/);
    expect(said.stdout).toMatch(/POST \/cart[\s\S]*checkout +POST \/cart[\s\S]*SELECT shop/);
    expect(said.stdout).toMatch(/● services +HAR file, Jaeger/);
  } finally {
    await server.stop();
  }
  const late = await own.run('import', har, '--traces-from', server.url);
  expect([late.code, late.stdout]).toEqual([0, expect.stringContaining('SELECT shop')]);
  expect(late.stderr).toContain('could not be reached');
  own.remove();
});

it('says of a recording without times that it is to be run', async () => {
  const { code, stdout, stderr } = await home.run('import', fixture('untimed/recorder.json'));
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/recording of Chrome’s Recorder: .* Run it: headwater replay .*recorder\.json/);
});
