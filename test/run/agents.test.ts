import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { startAgent } from '../../src/agent/agent-server.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import { agentWitness } from '../../src/run/agents.ts';
import { type HostSamples, lanesOf } from '../../src/run/host-samples.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

const stops: (() => unknown)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

/** Something that answers every question with this. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => void response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function told(address: string, token?: string) {
  const witness = agentWitness(address, token);
  await witness.begin?.(TRACE_ID);
  return witness.end!(TRACE_ID);
}

describe('an agent as witness', () => {
  it.skipIf(process.platform !== 'linux')(
    'tells lanes, and connections with what is known of its clock',
    async () => {
      const agent = await startAgent({ host: 'web/1', port: 0, intervalMs: 20, socketIntervalMs: 50 });
      const echo = createTcpServer((socket) => socket.pipe(socket));
      await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
      stops.push(
        () => agent.stop(),
        () => echo.close(),
      );
      const { port } = echo.address() as AddressInfo;
      const witness = agentWitness(agent.url);
      await witness.begin?.(TRACE_ID);
      const client = connect(port, '127.0.0.1', () => client.write('hello'));
      await new Promise((resolve) => client.once('data', resolve));
      const clientPort = client.localPort;
      await new Promise<void>((resolve) => client.end(() => resolve()));
      const { spans, files = [], warnings } = await witness.end!(TRACE_ID);
      expect(warnings).toEqual([]);
      // By both ports: elsewhere on this machine something else may have the client's, towards another server.
      const ports = [port, clientPort!].sort();
      const own = spans.filter(({ attributes }) =>
        isDeepStrictEqual([attributes['network.local.port'], attributes['network.peer.port']].sort(), ports),
      );
      // Both ends.
      expect(own).toHaveLength(2);
      const [span] = own;
      expect(span).toMatchObject({
        traceId: TRACE_ID,
        source: 'agent',
        clock: 'host:web/1',
        evidence: 'measured',
      });
      // One machine, one clock: 0 is possible.
      expect(span!.attributes[HEADWATER.clockLowNs]).toBeLessThanOrEqual(0);
      expect(span!.attributes[HEADWATER.clockHighNs]).toBeGreaterThanOrEqual(0);
      expect(files.map(({ name }) => name)).toEqual(['hosts/web_1.json']);
      const samples = JSON.parse(new TextDecoder().decode(files[0]!.body)) as HostSamples;
      const lanes = lanesOf(samples, unixNanoFromMs(Date.now() - 60_000));
      expect(lanes.map(({ name, host }) => `${host} ${name}`)).toContain('web/1 memory used');
      for (const { timesNs, values } of lanes) expect(timesNs).toHaveLength(values.length);
    },
  );

  it('has a token of its own in its address, which no warning repeats', async () => {
    const agent = await startAgent({ host: 'web-1', port: 0, token: 'se/cret' });
    stops.push(() => agent.stop());
    expect((await told(agent.url.replace('//', '//se%2Fcret@'))).warnings).toEqual([]);
    expect((await told(agent.url, 'se/cret')).warnings).toEqual([]);
    const [refused] = (await told(agent.url.replace('//', '//wrong-one@'))).warnings;
    expect(refused?.message).toContain('The token is missing or wrong');
    expect(JSON.stringify(refused)).not.toContain('wrong-one');
  });

  it('that is not there is one warning', async () => {
    const { warnings, spans } = await told('http://127.0.0.1:1');
    expect(spans).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(['agent.unreachable']);
    expect(warnings[0]!.message).toContain('Is headwater agent up there?');
  });

  it.each([
    [200, '<!doctype html>'],
    [200, '{}'],
    [200, '{"version":2,"host":"x"}'],
    [201, '{"version":1,"host":"x","clock":{"receivedUnixNano":"1e9","answeredUnixNano":"2"}}'],
    [500, '{"error":"The disk is full."}'],
  ])('that is something else is one warning (%i %s)', async (status, body) => {
    const { warnings, spans } = await told(await answering(status, body));
    expect(spans).toEqual([]);
    expect(warnings.map(({ code }) => code)).toEqual(['agent.unreachable']);
  });

  it('that was lost during the run is one warning', async () => {
    const agent = await startAgent({ host: 'web-1', port: 0 });
    const witness = agentWitness(agent.url);
    await witness.begin?.(TRACE_ID);
    await agent.stop();
    expect((await witness.end!(TRACE_ID)).warnings.map(({ code }) => code)).toEqual(['agent.lost']);
  });
});
