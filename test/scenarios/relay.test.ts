import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { injectedFile, readInjected } from '../../scenarios/shop/injected.ts';
import { type Part, startNodePart } from '../../scenarios/shop/part.ts';
import type { RelayOptions } from '../../scenarios/shop/relay.ts';

/** Answers every line with the same line, and the first of a connection with who its client is, if that was told. */
let echo: Server;
/** The echo answers this only after a while. */
const SLOWLY = 'please take your time';
const SLOW_MS = 80;
/** The echo closes the connection when it hears this. */
const CLOSE = 'please close';
let dir = '';
const parts: Part[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headwater-relay-'));
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    let slowMs = 0;
    socket.on('data', (bytes) => {
      if (String(bytes) === SLOWLY) slowMs = SLOW_MS;
      if (String(bytes) === CLOSE) socket.end();
      else if (slowMs === 0) socket.write(bytes);
      else setTimeout(() => socket.write(bytes), slowMs);
    });
    socket.on('end', () => (slowMs === 0 ? socket.end() : setTimeout(() => socket.end(), slowMs)));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await Promise.all(parts.map((part) => part.stop()));
  echo.close();
  await rm(dir, { recursive: true, force: true });
});

async function relay(options: Omit<RelayOptions, 'port'>): Promise<number> {
  const whole: RelayOptions = { port: (echo.address() as AddressInfo).port, ...options };
  const command = { name: `relay-${parts.length}`, module: 'relay', args: [JSON.stringify(whole)] };
  const { part, ready } = await startNodePart<{ port: number }>(command, { dir, watch: () => {} });
  parts.push(part);
  return ready.port;
}

/** What comes back for `text`, until the server has said that it ends too. */
function say(port: number, text: string): Promise<{ answer: string; ms: number; clientPort: number }> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    let answer = '';
    let clientPort = 0;
    socket.once('connect', () => {
      clientPort = socket.localPort ?? 0;
      socket.end(text);
    });
    socket.on('data', (bytes) => {
      answer += bytes;
    });
    socket.once('end', () => resolve({ answer, ms: performance.now() - startMs, clientPort }));
    socket.once('error', reject);
  });
}

const notedFor = (name: string) =>
  readInjected(injectedFile(dir))
    .filter(({ fault }) => fault === name)
    .map(({ ms }) => ms);

it('passes on what it gets, both ways, and the end after the last byte', async () => {
  const text = 'x'.repeat(300_000);
  const port = await relay({ tellsClient: false, rules: [{ fault: 'none' }] });
  expect((await say(port, text)).answer).toBe(text);
});

it('holds the first answer of as many connections as it is told, and notes for how long', async () => {
  const rules = [{ fault: 'held', firstAnswerMs: 120, connections: 1 }];
  const port = await relay({ tellsClient: false, rules });
  const first = await say(port, 'a');
  await say(port, 'b');
  expect(first.ms).toBeGreaterThanOrEqual(120);
  const noted = notedFor('held');
  expect(noted).toHaveLength(1);
  expect(noted[0]).toBeGreaterThanOrEqual(120);
  expect(noted[0]).toBeLessThanOrEqual(first.ms);
});

it('notes what the server took too, where nobody would have had to ask', async () => {
  const held = { firstAnswerMs: 60, connections: 1 };
  const rules = [
    { ...held, fault: 'needed' },
    { ...held, fault: 'needless', isNeedless: true },
  ];
  await say(await relay({ tellsClient: false, rules }), SLOWLY);
  // the relay notes it once the connection is closed
  await expect.poll(() => notedFor('needless')).toHaveLength(1);
  const [[needed = 0], [needless = 0]] = [notedFor('needed'), notedFor('needless')];
  expect(needed).toBeGreaterThanOrEqual(60);
  expect(needless).toBeGreaterThanOrEqual(needed + SLOW_MS - 1);
});

it('adds up what two faults ask of one hop', async () => {
  const rules = [
    { fault: 'near', oneWayMs: 20 },
    { fault: 'far', oneWayMs: 40 },
  ];
  const port = await relay({ tellsClient: false, rules });
  expect((await say(port, 'a')).ms).toBeGreaterThanOrEqual(120);
});

it('lets no more bytes through than a slow line does', async () => {
  const port = await relay({ tellsClient: false, rules: [{ fault: 'slow', bytesPerSecond: 1_000_000 }] });
  expect((await say(port, 'x'.repeat(200_000))).ms).toBeGreaterThanOrEqual(200);
});

/** Says one thing after the other on one connection; how long each answer took. */
function converse(port: number, texts: readonly string[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const tookMs: number[] = [];
    let startMs = 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, next);
    function next() {
      const text = texts[tookMs.length];
      if (text === undefined) {
        socket.once('close', () => resolve(tookMs));
        return void socket.end();
      }
      startMs = performance.now();
      socket.write(text);
    }
    socket.on('data', () => {
      tookMs.push(performance.now() - startMs);
      next();
    });
    socket.once('error', reject);
  });
}

/** So long that an answer which is not held is sooner on any machine. */
const HELD_MS = 1_500;

it('holds the second answer like the first, and no third; what is noted is the first', async () => {
  const rules = [{ fault: 'twice', firstAnswerMs: HELD_MS, answers: 2, connections: 1 }];
  const port = await relay({ tellsClient: false, rules });
  const [first, second, third] = await converse(port, ['a', 'b', 'c']);
  expect(first).toBeGreaterThanOrEqual(HELD_MS);
  expect(second).toBeGreaterThanOrEqual(HELD_MS);
  expect(third).toBeLessThan(HELD_MS);
  const [noted = 0, ...more] = notedFor('twice');
  expect(more).toEqual([]);
  expect(noted).toBeGreaterThanOrEqual(HELD_MS);
  expect(noted).toBeLessThanOrEqual(first ?? 0);
});

it('begins to count again when a client has been gone for a while', async () => {
  const rules = [{ fault: 'next', firstAnswerMs: 60, connections: 1 }];
  const port = await relay({ tellsClient: false, rules });
  // Open all the while, so that the client is not gone between the two, however slow the machine is.
  const staying = connect(port, '127.0.0.1');
  await once(staying, 'connect');
  await say(port, 'a');
  await say(port, 'b');
  staying.destroy();
  await new Promise((resolve) => setTimeout(resolve, 700));
  await say(port, 'c');
  // Noted after the answer has gone out.
  await expect.poll(() => notedFor('next')).toHaveLength(2);
});

it('counts connections that are opened while one is held as one with it, and notes one of them', async () => {
  const rules = [{ fault: 'spare', firstAnswerMs: 100, connections: 1 }];
  const port = await relay({ tellsClient: false, rules });
  const both = await Promise.all([converse(port, ['a', 'b']), converse(port, ['c', 'd'])]);
  expect(both.every(([first]) => first !== undefined && first >= 100)).toBe(true);
  expect(notedFor('spare')).toHaveLength(1);
});

it('lets the first answer come as slowly as its length says', async () => {
  const rules = [{ fault: 'chain', firstAnswerBytesPerSecond: 100_000 }];
  const port = await relay({ tellsClient: false, rules });
  expect((await say(port, 'x'.repeat(20_000))).ms).toBeGreaterThanOrEqual(200);
  await expect.poll(() => notedFor('chain')).toHaveLength(1);
  expect(notedFor('chain')[0]).toBeGreaterThanOrEqual(200);
});

it('holds only the host that is named, and only when the server has closed a connection before', async () => {
  const hello = (host: string) => `\x16\x03\x01\0${String.fromCharCode(host.length)}${host}`;
  const rules = [{ fault: 'again', firstAnswerMs: HELD_MS, reconnectsOnly: true, host: 'a.example' }];
  const port = await relay({ tellsClient: false, rules });
  const staying = connect(port, '127.0.0.1');
  const [before] = await converse(port, [hello('a.example')]);
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(CLOSE));
    socket.resume().once('close', () => resolve());
  });
  const [other] = await converse(port, [hello('b.a.example')]);
  const [again] = await converse(port, [hello('a.example')]);
  staying.destroy();
  expect(before).toBeLessThan(HELD_MS);
  expect(other).toBeLessThan(HELD_MS);
  expect(again).toBeGreaterThanOrEqual(HELD_MS);
});

it('loses what it is told to lose', async () => {
  const rules = [{ fault: 'lost', lost: { text: 'GET /a', times: 1 } }];
  const port = await relay({ tellsClient: false, rules });
  expect((await say(port, 'GET /a')).answer).toBe('');
  expect((await say(port, 'GET /a')).answer).toBe('GET /a');
});

it('tells a load balancer who the client is', async () => {
  const port = await relay({ tellsClient: true, rules: [{ fault: 'none' }] });
  const { answer, clientPort } = await say(port, 'hello');
  expect(answer).toBe(`PROXY TCP4 127.0.0.1 127.0.0.1 ${clientPort} ${port}\r\nhello`);
});

it('has nothing to tell before anything was injected', () => {
  expect(readInjected(join(dir, 'no-such-file'))).toEqual([]);
});
