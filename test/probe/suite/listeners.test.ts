import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { somebodyListens } from '../../../probe/suite/listeners.ts';

async function listening(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe('whether somebody listens for what servers report', () => {
  beforeEach(() => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', undefined);
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is seen at any of the ports', async () => {
    const [free, taken] = [await listening(), await listening()];
    await free.close();
    expect(await somebodyListens([free.port])).toBe(false);
    expect(await somebodyListens([free.port, taken.port])).toBe(true);
    await taken.close();
    expect(await somebodyListens([free.port, taken.port])).toBe(false);
  });

  it('is known where traces are exported, wherever to', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'https://collector.example:4318');
    expect(await somebodyListens([])).toBe(true);
  });
});
