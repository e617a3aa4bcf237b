/**
 * A server of others, behind no load balancer and sending no traces: a third party, a partner's API, an old address of
 * the shop. HTTP/1.1 over TLS, one process and one port for all their names. Not started when no fault needs it.
 *
 * Argument: a JSON `ElsewhereOptions`; the certificate comes in the environment. Announces `{ port }`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { announceReady, requiredVariable, whenToldToStop } from '../part-process.ts';
import type { ElsewhereAnswer } from './answers.ts';

export interface ElsewhereOptions {
  readonly answers: readonly ElsewhereAnswer[];
}

/** Scripts, styles and APIs for other sites' pages, which may also time them. */
const OPEN_TO_ALL = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'access-control-max-age': '0',
  'timing-allow-origin': '*',
  'cache-control': 'no-store',
};

const { answers } = JSON.parse(process.argv[2] ?? '{"answers":[]}') as ElsewhereOptions;

const server = createServer(
  {
    key: requiredVariable('SHOP_TLS_KEY'),
    cert: requiredVariable('SHOP_TLS_CERT'),
    minVersion: 'TLSv1.3',
    noDelay: true,
    keepAliveTimeout: 65_000,
  },
  (request, response) => void answer(request, response),
);

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrivedMs = performance.now();
  const found = answers.find((candidate) => isFor(candidate, request));
  if (found && found.delayMs > 0) await until(arrivedMs + found.delayMs);
  const headers = Object.entries(found?.headers ?? {}).map(([name, value]) => [name, filled(value, request)]);
  response.writeHead(found ? (found.status ?? 200) : 404, { ...OPEN_TO_ALL, ...Object.fromEntries(headers) });
  response.end(found?.body ?? '');
}

function isFor({ host, route }: ElsewhereAnswer, { method, url = '/', headers }: IncomingMessage): boolean {
  const [wantedMethod, wantedPath = ''] = route.split(' ');
  const [path = '/'] = url.split('?');
  const isPath = wantedPath.endsWith('*') ? path.startsWith(wantedPath.slice(0, -1)) : path === wantedPath;
  return isPath && wantedMethod === method && headers.host?.split(':')[0] === host;
}

/** A redirect leads on within this process (`{here}`), in the end to where its first link said (`?to=`). */
function filled(value: string, { headers, url = '/' }: IncomingMessage): string {
  const to = new URL(url, 'https://elsewhere.invalid').searchParams.get('to') ?? '/';
  return value
    .replaceAll('{here}', `https://${headers.host}`)
    .replaceAll('{to}', to)
    .replaceAll('{query}', `?to=${encodeURIComponent(to)}`);
}

/** Timers fire up to a millisecond off; the rest of a delay is waited for by looking at the clock. */
const TIMER_MARGIN_MS = 2;

async function until(dueMs: number): Promise<void> {
  const leftMs = () => dueMs - performance.now();
  if (leftMs() > TIMER_MARGIN_MS)
    await new Promise((resolve) => setTimeout(resolve, leftMs() - TIMER_MARGIN_MS));
  while (leftMs() > 0) await new Promise((resolve) => setImmediate(resolve));
}

server.listen(0, '127.0.0.1', () => announceReady({ port: (server.address() as AddressInfo).port }));
whenToldToStop(async () => {
  server.close();
  server.closeAllConnections();
});
