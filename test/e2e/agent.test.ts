/** `run --agent`: what a host's kernel saw is stored with the run, joined to the browser's connections. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { startAgent } from '../../src/agent/agent-server.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { Home, reportIn } from './headwater.ts';

const home = new Home();
const stops: (() => unknown)[] = [() => home.remove()];
afterAll(() => Promise.all(stops.map((stop) => stop())));

const FREE_PORTS = ['--otlp-port', '0', '--grpc-port', '0', '--syslog-port', '0', '--settle', '0'];

async function site(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title><h1>Hello</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe.skipIf(process.platform !== 'linux')('run --agent', () => {
  it('keeps lanes of the host, and its view of the browser’s connection', async () => {
    const agent = await startAgent({ host: 'web-1', port: 0 });
    stops.push(() => agent.stop());
    const report = reportIn(
      await home.run('run', await site(), '--json', ...FREE_PORTS, '--agent', agent.url),
    );
    expect(report.status).toBe('ok');
    expect(agent.sampler.runs).toBe(0);
    expect(report.clocks.map(({ clock }) => clock)).toContain('host:web-1');
    const store = openStore(home.storePath);
    const view = store.run(report.traceId)!;
    store.close();
    expect(view.lanes?.map(({ host, name }) => `${host}: ${name}`)).toContain('web-1: memory used');
    // Looked at since before the browser started, until after the journey.
    const busy = view.lanes?.find(({ name }) => name === 'CPU busy');
    expect(busy?.timesNs[0]).toBeLessThan(0);
    expect(busy?.timesNs.at(-1)).toBeGreaterThan(report.wallNs / 2);
    const sockets = view.trace.spans.filter(
      ({ attributes }) => attributes[HEADWATER.type] === 'host_connection',
    );
    const spanById = new Map(view.trace.spans.map((span) => [span.spanId, span]));
    const owners = sockets.map(({ parentId }) => spanById.get(parentId ?? '')?.attributes[HEADWATER.type]);
    expect(owners).toContain('connection');
    for (const socket of sockets) expect(socket.attributes['headwater.tcp.rtt_ms']).toBeGreaterThan(0);
  });

  it('goes on without an agent that is not there, and says so once', async () => {
    const report = reportIn(
      await home.run('run', await site(), '--json', ...FREE_PORTS, '--agent', 'http://127.0.0.1:1'),
    );
    expect(report.status).toBe('ok');
    expect(report.warnings.map(({ code }) => code)).toEqual(['agent.unreachable']);
  });

  it('lets the agent rest when there is no browser to run', async () => {
    const agent = await startAgent({ host: 'web-1', port: 0 });
    stops.push(() => agent.stop());
    const args = ['run', await site(), ...FREE_PORTS, '--agent', agent.url];
    const said = await home.runWith({ HEADWATER_CHROMIUM: '/bin/false' }, ...args);
    expect(said.code).toBe(3);
    expect(agent.sampler.runs).toBe(0);
  });

  it('is told what is wrong with an address', async () => {
    const said = await home.run('run', 'http://127.0.0.1:1/', '--agent', 'web-1:4320');
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('--agent');
  });
});

describe('agent', () => {
  it('leaves the machine only with a token', async () => {
    const said = await home.run('agent', '--host', '0.0.0.0', '--port', '0');
    expect(said.code).toBe(2);
    expect(said.stderr).toContain('needs a token');
  });

  it('says where it listens, and ends at Ctrl-C', async () => {
    const agent = home.start(['agent', '--port', '0', '--name', 'web-1']);
    const url = await new Promise<string>((resolve) => {
      let text = '';
      agent.stderr.on('data', (chunk) => {
        text += chunk;
        const found = /(http:\/\/127\.0\.0\.1:\d+), as web-1/.exec(text)?.[1];
        if (found) resolve(found);
      });
    });
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ ok: true, host: 'web-1', runs: 0 });
    const ended = new Promise((resolve) => agent.once('close', resolve));
    agent.kill('SIGINT');
    expect(await ended).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });
});
