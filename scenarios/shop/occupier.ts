/**
 * Keeps all servers of one of HAProxy's backends busy: requests whose body does not end. When a visitor has been in
 * the backend's queue for as long as it was told, it ends them, and begins again after a while.
 *
 * Argument: a JSON `OccupierOptions`. Announces `{ port }` when all places are taken.
 */
import { connect, type Socket } from 'node:net';
import { noteInjected } from './injected.ts';
import { announceReady, whenToldToStop } from './part-process.ts';
import { sleep } from './services/mischief/sleep.ts';

interface OccupierOptions {
  readonly fault: string;
  readonly path: string;
  readonly ms: number;
  /** HAProxy's, without TLS. */
  readonly port: number;
  readonly adminSocket: string;
  /** How many requests the servers take at once. */
  readonly slots: number;
}

const { fault, path, ms, port, adminSocket, slots } = JSON.parse(process.argv[2] ?? '') as OccupierOptions;
/** How often the queue is looked at. */
const LOOK_MS = 1;
/** Nobody is looked for, and no place taken, until this long after a visitor was let in. */
const PAUSE_MS = 1_500;
/** More often than HAProxy gives a silent client up. */
const SIGN_OF_LIFE_MS = 5_000;

/** Never sampled: this is no visitor, and no trace is to come of it. */
const HEAD = `POST ${path} HTTP/1.1\r\nhost: occupier\r\ncontent-type: application/json\r\ntraceparent: 00-${'0'.repeat(31)}1-${'0'.repeat(15)}1-00\r\ntransfer-encoding: chunked\r\n\r\n`;
const CHUNK = '1\r\n \r\n';
const LAST_CHUNKS = '2\r\n{}\r\n0\r\n\r\n';

let guests: Socket[] = [];

/** Rows of `show stat`: fields by name (https://docs.haproxy.org/2.6/management.html#9.1). */
function stat(): Promise<{ queued: number; busy: number }> {
  return new Promise((resolve) => {
    const socket = connect(adminSocket);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes;
    });
    socket.once('error', () => resolve({ queued: 0, busy: 0 }));
    socket.once('end', () => {
      const [names = '', row = ''] = text.split('\n');
      const at = (name: string) => Number(row.split(',')[names.replace(/^# /, '').split(',').indexOf(name)]);
      resolve({ queued: at('qcur'), busy: at('scur') });
    });
    socket.end(`show stat ${fault} 2 -1\n`);
  });
}

async function occupy(): Promise<void> {
  guests = Array.from({ length: slots }, () => {
    const guest = connect({ port, host: '127.0.0.1', noDelay: true });
    guest.on('error', () => guest.destroy());
    guest.write(HEAD + CHUNK);
    return guest;
  });
  while ((await stat()).busy < slots) await sleep(LOOK_MS);
}

/** Ends all requests; resolves when the first was answered and its place is free. */
function leave(): Promise<void> {
  const answered = guests.map((guest) => new Promise<void>((resolve) => guest.once('data', () => resolve())));
  for (const guest of guests) guest.write(LAST_CHUNKS);
  return Promise.race(answered).then(() => {
    for (const guest of guests) guest.end();
  });
}

const signs = setInterval(() => {
  for (const guest of guests) if (guest.writable) guest.write(CHUNK);
}, SIGN_OF_LIFE_MS);

let isStopping = false;
whenToldToStop(async () => {
  isStopping = true;
  clearInterval(signs);
  for (const guest of guests) guest.destroy();
});

await occupy();
announceReady({ port });
while (!isStopping) {
  await sleep(LOOK_MS);
  if ((await stat()).queued === 0) continue;
  const startMs = performance.now();
  await sleep(ms);
  await leave();
  noteInjected(fault, performance.now() - startMs);
  guests = [];
  await sleep(PAUSE_MS);
  if (!isStopping) await occupy();
}
