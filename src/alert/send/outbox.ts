/**
 * Letters on their way: each channel gets its own one after the other, in the order they were written, so that nobody
 * reads that something is over before it began. The one that is not taken is tried again with growing waits; after
 * `giveUpAfterMs`, or when the answer says that it will never be taken, it becomes a dead letter.
 */
import { waitMs } from '../backoff.ts';
import type { AlertMessage } from '../message.ts';
import type { Channel } from './channels.ts';
import {
  alertById,
  type KeptLetter,
  KIND,
  keepLetter,
  type Letter,
  letterKey,
  letters,
  type RecordStore,
} from './kept.ts';
import type { Answer } from './post.ts';

/** Tomorrow nobody wants to hear that somebody had to get up tonight. */
export const GIVE_UP_AFTER_MS = 60 * 60_000;

export interface OutboxParts {
  readonly store: RecordStore;
  readonly channels: readonly Channel[];
  readonly giveUpAfterMs: number;
  readonly now: () => number;
  /** 0 to 1. */
  readonly random: () => number;
}

export interface Delivery {
  readonly channel: string;
  readonly message: AlertMessage;
  readonly answer: Answer;
  /** It is tried no more. */
  readonly isDead: boolean;
}

export class Outbox {
  readonly #parts: OutboxParts;
  #last: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Writes a message to every channel that it concerns. Writing it again changes nothing. */
  write(message: AlertMessage): void {
    const { store, channels } = this.#parts;
    for (const { name, pagesOnly } of channels) {
      if (pagesOnly && message.severity !== 'page') continue;
      const writtenUnixMs = message.toldUnixMs;
      const letter = { channel: name, message, writtenUnixMs, attempts: 0, nextUnixMs: writtenUnixMs };
      if (!store.record(KIND.letter, letterKey(letter))) keepLetter(store, KIND.letter, letter);
    }
  }

  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  /** Sends what is due. One at a time: a call while another is under way follows it. */
  flush(): Promise<Delivery[]> {
    this.#underWay++;
    const next = this.#last.then(() => this.#flushAll());
    this.#last = next
      .catch(() => {})
      .finally(() => {
        this.#underWay--;
      });
    return next;
  }

  async #flushAll(): Promise<Delivery[]> {
    const { store, channels } = this.#parts;
    const byChannel = new Map<string, KeptLetter[]>();
    for (const kept of letters(store, KIND.letter))
      byChannel.set(kept.letter.channel, [...(byChannel.get(kept.letter.channel) ?? []), kept]);
    const all = [...byChannel].map(([name, queue]) => {
      const channel = channels.find((one) => one.name === name);
      return channel ? this.#sendInTurn(channel, queue) : queue.map(({ letter }) => this.#bury(letter, GONE));
    });
    return (await Promise.all(all)).flat();
  }

  async #sendInTurn(channel: Channel, queue: readonly KeptLetter[]): Promise<Delivery[]> {
    const done: Delivery[] = [];
    for (const { letter } of queue) {
      if (letter.nextUnixMs > this.#parts.now()) break;
      const delivery = await this.#send(channel, letter);
      done.push(delivery);
      if (!delivery.answer.took && !delivery.isDead) break;
    }
    return done;
  }

  async #send(channel: Channel, letter: Letter): Promise<Delivery> {
    const { store, now, random, giveUpAfterMs } = this.#parts;
    const { message } = letter;
    const alert = alertById(store, message.alertId);
    const answer = await channel.send({ message, alert, nowUnixMs: now() });
    if (answer.took) {
      store.dropRecord(KIND.letter, letterKey(letter));
      return { channel: channel.name, message, answer, isDead: false };
    }
    const attempts = letter.attempts + 1;
    const nextUnixMs = now() + waitMs(attempts, random(), answer.retryAfterMs);
    const tried = { ...letter, attempts, nextUnixMs, says: answer.says };
    if (!answer.again || nextUnixMs - letter.writtenUnixMs > giveUpAfterMs) return this.#bury(tried, answer);
    keepLetter(store, KIND.letter, tried);
    return { channel: channel.name, message, answer, isDead: false };
  }

  #bury(letter: Letter, answer: Answer): Delivery {
    const { store } = this.#parts;
    keepLetter(store, KIND.deadLetter, { ...letter, says: answer.says });
    store.dropRecord(KIND.letter, letterKey(letter));
    return { channel: letter.channel, message: letter.message, answer, isDead: true };
  }

  /** Tries each dead letter once more; those that are taken are dead no longer. */
  async resendDead(): Promise<Delivery[]> {
    const { store, channels, now } = this.#parts;
    const done: Delivery[] = [];
    for (const { key, letter } of letters(store, KIND.deadLetter)) {
      const channel = channels.find(({ name }) => name === letter.channel);
      const { message } = letter;
      const alert = alertById(store, message.alertId);
      const answer = channel ? await channel.send({ message, alert, nowUnixMs: now() }) : GONE;
      if (answer.took) store.dropRecord(KIND.deadLetter, key);
      else
        keepLetter(store, KIND.deadLetter, { ...letter, attempts: letter.attempts + 1, says: answer.says });
      done.push({ channel: letter.channel, message, answer, isDead: !answer.took });
    }
    return done;
  }
}

const GONE: Answer = { took: false, again: false, says: 'the configuration has no such channel any more' };
