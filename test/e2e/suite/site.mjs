// A small shop that the suites of these tests visit: pages, scripts and answers that take a while. PORT is its port.
// Where OTEL_EXPORTER_OTLP_ENDPOINT names a receiver, it reports a span of each answer, and names its trace in the answer.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const ANSWER_MS = 30;
const GOODS = ['kettle', 'teapot', 'cup', 'saucer', 'spoon', 'tray'];

const page = (
  title,
  body,
) => `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css"></head><body><h1>${title}</h1>${body}
<script src="/shop.js"></script></body></html>`;

const SHOP = page(
  'Our shop',
  '<label>Search <input id="q" type="search"></label><button id="find">Find</button><ul id="found"></ul><p id="basket">0 in the basket</p>',
);
const ACCOUNT = page('Your account', '<p id="who"></p>');
const SCRIPT = `
const $ = (id) => document.getElementById(id);
async function find() {
  const answer = await fetch('/api/goods?q=' + encodeURIComponent($('q').value));
  $('found').replaceChildren(...(await answer.json()).map((name) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.textContent = 'Buy ' + name;
    button.onclick = buy;
    item.append(button);
    return item;
  }));
}
async function buy() {
  const answer = await fetch('/api/basket', { method: 'POST' });
  $('basket').textContent = (await answer.json()).count + ' in the basket';
}
if ($('find')) $('find').onclick = find;
if ($('who')) fetch('/api/me').then((r) => r.text()).then((name) => { $('who').textContent = name; });
`;

const answers = {
  '/': () => ['text/html', SHOP],
  '/account': () => ['text/html', ACCOUNT],
  '/shop.css': () => ['text/css', 'body { font-family: sans-serif; margin: 2rem }'],
  '/shop.js': () => ['text/javascript', SCRIPT],
  '/api/goods': ({ query }) => [
    'application/json',
    JSON.stringify(GOODS.filter((name) => name.includes(query.get('q') ?? ''))),
  ],
  '/api/basket': ({ visitor }) => {
    baskets.set(visitor, (baskets.get(visitor) ?? 0) + 1);
    return ['application/json', JSON.stringify({ count: baskets.get(visitor) })];
  },
  '/api/me': ({ cookie }) => ['text/plain', /who=(\w+)/.exec(cookie)?.[1] ?? 'nobody'],
  '/seen': () => ['application/json', JSON.stringify(seen)],
};
const baskets = new Map();
/** Of every request: where it went, and its `traceparent`. */
const seen = [];

const receiver = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;

function traced(request, response, path) {
  const [, traceId = randomBytes(16).toString('hex'), parentSpanId] =
    /^00-(\w{32})-(\w{16})/.exec(request.headers.traceparent ?? '') ?? [];
  const spanId = randomBytes(8).toString('hex');
  response.setHeader('server-timing', `traceparent;desc="00-${traceId}-${spanId}-01"`);
  const startTimeUnixNano = `${Date.now()}000000`;
  response.once('finish', () => {
    const endTimeUnixNano = `${Date.now()}000000`;
    const attributes = [
      { key: 'http.request.method', value: { stringValue: request.method } },
      { key: 'url.path', value: { stringValue: path } },
    ];
    const name = `${request.method} ${path}`;
    const span = {
      traceId,
      spanId,
      parentSpanId,
      name,
      kind: 2,
      startTimeUnixNano,
      endTimeUnixNano,
      attributes,
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'small shop' } }] };
    const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
    const headers = { 'content-type': 'application/json' };
    fetch(`${receiver}/v1/traces`, { method: 'POST', headers, body }).catch(() => undefined);
  });
}

createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://site.invalid');
  const answer = answers[url.pathname];
  const cookie = request.headers.cookie ?? '';
  if (receiver) traced(request, response, url.pathname);
  if (url.pathname !== '/seen') seen.push([url.pathname, request.headers.traceparent ?? '']);
  setTimeout(() => {
    if (!answer) return response.writeHead(404).end();
    const visitor = /visitor=(\w+)/.exec(cookie)?.[1] ?? String(Math.random()).slice(2);
    const [type, body] = answer({ query: url.searchParams, cookie, visitor });
    response.writeHead(200, { 'content-type': type, 'set-cookie': `visitor=${visitor}; Path=/` }).end(body);
  }, ANSWER_MS);
}).listen(Number(process.env.PORT), '127.0.0.1');
