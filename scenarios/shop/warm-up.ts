/**
 * Walks through the shop once, past the proxy, so that no journey pays for first calls: code that is not compiled
 * yet, caches and connections that are not filled. The requests say "not sampled": no span comes of them.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

const PAGES = [
  '/',
  '/product/1',
  '/api/stock?ids=1,2',
  '/api/related/1',
  '/cart',
  '/checkout',
  '/confirmation/1',
];
const ORDER = JSON.stringify({ name: 'Warm Up', email: 'customer1@example.com', address: 'Weir Lane' });
/** Few enough to be quick; the code that matters is compiled after two. */
const ROUNDS = 2;

export async function warmUp(ports: readonly number[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(ports.flatMap((port) => PAGES.map((path) => ask(port, 'GET', path))));
    for (const port of ports) await ask(port, 'POST', '/api/order', ORDER);
  }
}

function ask(port: number, method: string, path: string, body?: string): Promise<void> {
  const headers = { traceparent: unsampled(), cookie: 'cart=3.1', 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      if (response.statusCode !== 200)
        reject(new Error(`The shop answers ${path} with ${response.statusCode}.`));
      response.resume().once('end', resolve);
    });
    asked.once('error', reject);
    asked.end(body);
  });
}

const unsampled = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
