/**
 * One DNS message to one server and its answer back, over UDP or TCP (RFC 1035 §4.2, RFC 7766). A packet with another
 * id or question is not the answer, whoever sent it: it is told and waited past (RFC 5452 §9).
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { decodeOrNothing, questionOf, sameName } from './dns-message.ts';
import type { NameServer, StrayPacket } from './dns-query.ts';

export interface Exchange {
  readonly server: NameServer;
  readonly timeoutMs: number;
  /** The question is on its way: the socket's port, just before the packet is handed to the system. */
  readonly onSent: (localPort: number | undefined) => void;
  readonly onConnected: () => void;
  readonly onStray: (what: StrayPacket['what']) => void;
}

/** Resolves with the answer under the id of `message`; rejects with `code`: `timeout`, `bad_answer`, `ECONNREFUSED`, … */
export type Send = (message: Buffer, exchange: Exchange) => Promise<Buffer>;

/** An answer that comes after the resolver has given up still says that the server is alive, only slow. */
export const LATE_ANSWER_MS = 5_000;

/** A new socket for every query: its random port and a random id are what a forged answer has to guess. */
export const sendUdp: Send = (message, { server, timeoutMs, onSent, onStray }) => {
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const wireId = randomInt(0x10000);
  const asked = questionOf(message);
  let isClosed = false;
  const close = () => {
    clearTimeout(timer);
    if (!isClosed) socket.close();
    isClosed = true;
  };
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Buffer>((resolve, reject) => {
    const fail = (error: Error) => {
      close();
      reject(error);
    };
    let isOver = false;
    const giveUp = () => {
      isOver = true;
      timer = setTimeout(close, LATE_ANSWER_MS).unref();
      socket.unref();
      reject(codedError('timeout'));
    };
    timer = setTimeout(giveUp, timeoutMs);
    socket.on('error', (error) => (isOver ? close() : fail(error)));
    socket.on('message', (response) => {
      if (response.length < 2 || response.readUInt16BE(0) !== wireId) return onStray('wrong id');
      const packet = decodeOrNothing(response);
      const answered = packet?.questions?.[0];
      const isOther = answered && !(sameName(answered.name, asked.name) && answered.type === asked.type);
      if (isOther) return onStray('wrong question');
      if (isOver) {
        onStray('late answer');
        return close();
      }
      if (packet?.type !== 'response') return fail(codedError('bad_answer'));
      close();
      resolve(withId(response, message.readUInt16BE(0)));
    });
    // A connected socket hears of a port that nobody listens on at once.
    socket.connect(server.port, server.address, () => {
      onSent(socket.address().port);
      socket.send(withId(message, wireId));
    });
  });
};

export const sendTcp: Send = (message, { server, timeoutMs, onSent, onConnected, onStray }) => {
  onSent(undefined);
  const socket = connect(server.port, server.address);
  let timer: NodeJS.Timeout | undefined;
  return new Promise<Buffer>((resolve, reject) => {
    let received = Buffer.alloc(0);
    timer = setTimeout(() => reject(codedError('timeout')), timeoutMs);
    socket.on('error', reject);
    socket.once('connect', onConnected);
    socket.once('close', () => reject(codedError('ECONNRESET')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const response = received.subarray(2, 2 + received.readUInt16BE(0));
      if (decodeOrNothing(response)?.type !== 'response') reject(codedError('bad_answer'));
      else if (response.readUInt16BE(0) === message.readUInt16BE(0)) resolve(response);
      else onStray('wrong id');
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.write(Buffer.concat([length, message]));
  }).finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
};

const codedError = (code: string): Error => Object.assign(new Error(code), { code });

function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id);
  return copy;
}
