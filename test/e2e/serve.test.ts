/** `serve`, `run` and Ctrl-C, as a person uses them together. */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunSummary, RunView } from '../../src/model/report.ts';
import { Home, reportIn } from './headwater.ts';

const home = new Home();
afterAll(() => home.remove());

/** Resolves with the first match on stderr; rejects when the program ends before. */
function said(child: ChildProcess, words: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
      const match = words.exec(text);
      if (match) resolve(match);
    });
    child.once('close', (code) => reject(new Error(`ended with ${code} before saying ${words}: ${text}`)));
  });
}

const end = (child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> => {
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.kill(signal);
  return ended;
};

const isUp = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe('run while serve is up', () => {
  const page = '<!doctype html><title>A page</title><h1>Hello</h1>';
  const site = createServer((request, response) => {
    received.push(request.headers.traceparent);
    response.setHeader('content-type', 'text/html').end(page);
  });
  const received: (string | string[] | undefined)[] = [];
  let siteUrl = '';
  let serve: ChildProcess;
  let viewer = '';
  let otlpPort = '';

  beforeAll(async () => {
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const address = site.address();
    siteUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const free = ['--port', '0', '--otlp-port', '0', '--grpc-port', '0', '--syslog-port', '0'];
    serve = home.start(['serve', ...free]);
    const ports = await said(
      serve,
      /OTLP\/HTTP +http:\/\/127\.0\.0\.1:(\d+)[\s\S]*Viewer +(http:\/\/127\.0\.0\.1:\d+)/,
    );
    [otlpPort, viewer] = [ports[1] ?? '', ports[2] ?? ''];
  });
  afterAll(() => {
    serve.kill('SIGKILL');
    site.close();
  });

  it('keeps the run where the viewer finds it, with what a server said by OTLP', async () => {
    const running = home.run(
      ...['run', `${siteUrl}/`, '--json', '--port', new URL(viewer).port],
      ...['--otlp-port', otlpPort, '--grpc-port', '0', '--syslog-port', '0', '--settle', '1500'],
    );
    while (!received[0]) await new Promise((resolve) => setTimeout(resolve, 20));
    await reportServerSpan(String(received[0]));
    const report = reportIn(await running);
    expect(report.viewerUrl).toBe(`${viewer}/run/${report.traceId}`);
    const runs = (await (await fetch(`${viewer}/api/runs`)).json()) as RunSummary[];
    expect(runs.map((run) => [run.traceId, run.status])).toContainEqual([report.traceId, 'ok']);
    const view = (await (await fetch(`${viewer}/api/runs/${report.traceId}`)).json()) as RunView;
    const service = view.trace.spans.find((span) => span.component === 'site');
    const parent = view.trace.spans.find((span) => span.spanId === service?.parentId);
    expect(parent?.name).toBe('GET /');
  });

  async function reportServerSpan(traceparent: string): Promise<void> {
    const [, traceId, parentSpanId] = traceparent.split('-');
    const now = BigInt(Date.now()) * 1_000_000n;
    const span = {
      ...{ traceId, parentSpanId, spanId: '00f067aa0ba902b7', name: 'GET /', kind: 2 },
      startTimeUnixNano: String(now - 2_000_000n),
      endTimeUnixNano: String(now - 1_000_000n),
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'site' } }] };
    const answer = await fetch(`http://127.0.0.1:${otlpPort}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    expect(answer.status).toBe(200);
  }

  it('ends at Ctrl-C with its ports closed', async () => {
    expect(await isUp(`${viewer}/api/health`)).toBe(true);
    expect(await end(serve, 'SIGINT')).toBe(0);
    expect(await isUp(`${viewer}/api/health`)).toBe(false);
    expect(await isUp(`http://127.0.0.1:${otlpPort}/v1/traces`)).toBe(false);
  });
});

describe('demo', () => {
  it('stays up with shop and viewer until Ctrl-C, and leaves nothing behind', async () => {
    // A temp folder that no other test writes to; the database's own user must be able to pass through it.
    const temp = mkdtempSync(join(tmpdir(), 'headwater-e2e-'));
    chmodSync(temp, 0o755);
    const demo = home.start(['demo', '--port', '0'], { TMPDIR: temp });
    const [, waterfall = '', shop = ''] = await said(
      demo,
      /Waterfall +(\S+)[\s\S]*Shop +(\S+)[\s\S]*Ctrl-C stops/,
    );
    expect(await isUp(waterfall)).toBe(true);
    expect(await (await fetch(shop)).text()).toContain('<h1');
    expect(await end(demo, 'SIGINT')).toBe(0);
    expect([await isUp(waterfall), await isUp(shop)]).toEqual([false, false]);
    expect(readdirSync(temp).filter((name) => name.startsWith('headwater'))).toEqual([]);
    rmSync(temp, { recursive: true });
  });
});
