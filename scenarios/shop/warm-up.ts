/**
 * Walks through the shop once, past the proxy, so that no journey pays for first calls: code that is not compiled
 * yet, caches and connections that are not filled. The requests say "not sampled": no span comes of them.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { request } from 'node:http';
import * as dns from 'dns-packet';
import { SHOP_HOST } from './names.ts';

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

/** A name server's answer takes its usual time after about this many. */
const QUESTIONS = 20;

export async function warmUp(
  ports: readonly number[],
  nameServers: readonly { readonly address: string; readonly port: number }[],
): Promise<void> {
  await Promise.all(nameServers.map(askNames));
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

/** Questions of a type that no fault delays; whether an answer is lost does not matter. */
function askNames({ address, port }: { readonly address: string; readonly port: number }): Promise<void> {
  const question = dns.encode({ type: 'query', id: 1, questions: [{ type: 'SOA', name: SHOP_HOST }] });
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    let answers = 0;
    const end = () => socket.close(() => resolve());
    const timer = setTimeout(end, 500);
    socket.on('message', () => {
      if (++answers < QUESTIONS) return void socket.send(question, port, address);
      clearTimeout(timer);
      end();
    });
    socket.send(question, port, address);
  });
}
