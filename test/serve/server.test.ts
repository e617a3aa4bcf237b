import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startServer } from '../../src/serve/server.ts';

const store = { runs: () => [], run: () => undefined, findTrace: () => [], file: () => undefined };

it('listens on loopback until it is stopped', async () => {
  const server = await startServer({ store, port: 0 });
  expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
  expect(await (await fetch(`${server.url}/api/health`)).json()).toEqual({ ok: true });
  await server.stop();
  await expect(fetch(`${server.url}/api/health`)).rejects.toThrow();
});

it('names the port that is in use', async () => {
  const first = await startServer({ store, port: 0 });
  await expect(startServer({ store, port: first.port })).rejects.toThrow(
    `Port ${first.port} on 127.0.0.1 is in use`,
  );
  await first.stop();
});

it('frees its port while a client keeps its connection open', async () => {
  const server = await startServer({ store, port: 0 });
  await (await fetch(`${server.url}/api/health`, { headers: { connection: 'keep-alive' } })).text();
  await server.stop();
  const again = createServer();
  await new Promise<void>((resolve, reject) => {
    again.once('error', reject);
    again.listen(server.port, '127.0.0.1', resolve);
  });
  await new Promise((resolve) => again.close(resolve));
});
