/**
 * From signals to people: judges the alerts anew after each judgement, remembers them, and sends what has to be told.
 *
 *   update()  signals ──► alerts, kept with what is untold ──► one letter a channel ──► told       (on the disk each)
 *   flush()   letters ──► channels, again and again until they are taken or given up
 *
 * What is decided is on the disk before it is sent, and what was sent is never decided again: after a crash at any
 * place each message goes out. It goes out twice only if the crash falls between a channel's taking it and the note
 * of that; the webhook's `webhook-id` is then the same.
 */
import type { AlertsConfig } from '../../config/alerts.ts';
import type { Alert } from '../../model/alert.ts';
import { durationNs } from '../../model/duration-text.ts';
import type { Signal } from '../../model/signal.ts';
import { msFromNanos } from '../../model/time.ts';
import type { Store } from '../../store/store.ts';
import { RESEND_MS } from '../alertmanager-payload.ts';
import { type JudgedJourney, judgeAlerts } from '../judge-alerts.ts';
import { type AlertMessage, alertMessage } from '../message.ts';
import { cleanNames, cleanSignal } from '../redact-signal.ts';
import { type AlertRules, CLEAR_JUDGEMENTS, RESOLVE_AFTER_MS } from '../step.ts';
import type { Notice } from '../tell.ts';
import { type Channel, channelsOf } from './channels.ts';
import { acknowledgements, dropOld, keepAlert, keptAlerts, silences } from './kept.ts';
import { type Delivery, GIVE_UP_AFTER_MS, Outbox } from './outbox.ts';
import { lastPicture, pictureBytes } from './picture.ts';
import { type Post, post } from './post.ts';
import { remind } from './reminders.ts';

export type AlertStore = Pick<Store, 'keepRecord' | 'record' | 'records' | 'dropRecord' | 'outline' | 'file'>;

export interface AlertsOptions {
  readonly store: AlertStore;
  readonly config?: AlertsConfig;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Unix ms. */
  readonly now?: () => number;
  readonly random?: () => number;
  /** How one letter goes out. */
  readonly send?: Post;
  /** Told of what a channel did not take, and of what went wrong in the background. */
  readonly onTrouble?: (sentence: string) => void;
}

/** Waits of letters are some seconds at least. */
const FLUSH_EVERY_MS = 2_000;

export class Alerts {
  readonly #store: AlertStore;
  readonly #config: AlertsConfig;
  readonly #now: () => number;
  readonly #onTrouble: (sentence: string) => void;
  readonly #rules: AlertRules;
  readonly channels: readonly Channel[];
  readonly outbox: Outbox;
  #timer: ReturnType<typeof setInterval> | undefined;
  #remindedUnixMs = 0;
  #background: Promise<unknown> = Promise.resolve();

  /** @throws Error with a sentence when a channel's environment variable is missing or unusable */
  constructor({ store, config = {}, env = {}, now, random, send, onTrouble }: AlertsOptions) {
    this.#store = store;
    this.#config = config;
    this.#now = now ?? Date.now;
    this.#onTrouble = onTrouble ?? (() => {});
    this.#rules = {
      resolveAfterMs: msOf(config.resolveAfter) ?? RESOLVE_AFTER_MS,
      clearJudgements: config.resolveAfterJudgements ?? CLEAR_JUDGEMENTS,
    };
    this.channels = channelsOf(config, {
      env,
      post: send ?? post,
      pictureBytes: (picture) => pictureBytes(store, picture),
    });
    this.outbox = new Outbox({
      store,
      channels: this.channels,
      giveUpAfterMs: msOf(config.giveUpAfter) ?? GIVE_UP_AFTER_MS,
      now: this.#now,
      random: random ?? Math.random,
    });
  }

  /**
   * What was found when these journeys were judged; signals of others stay as they are. Resolves when what has to be
   * told is on the disk and the sending has begun; `flush()` waits for the sending.
   */
  async update(
    signals: readonly Signal[],
    judged: readonly JudgedJourney[],
    nowUnixMs: number = this.#now(),
  ): Promise<AlertMessage[]> {
    this.#writeUntold(nowUnixMs);
    const before = keptAlerts(this.#store).map(({ alert }) => alert);
    const situation = {
      alerts: before,
      silences: silences(this.#store),
      acknowledgements: acknowledgements(this.#store),
      rules: this.#rules,
    };
    const news = { signals: signals.map(cleanSignal), judged: judged.map(cleanNames), nowUnixMs };
    const { alerts, notices } = judgeAlerts(situation, news);
    this.#keepChanged(before, alerts, notices, nowUnixMs);
    const messages = this.#writeUntold(nowUnixMs);
    dropOld(this.#store, nowUnixMs);
    if (messages.length > 0) this.#inBackground(this.#send(true));
    return messages;
  }

  #keepChanged(
    before: readonly Alert[],
    alerts: readonly Alert[],
    notices: readonly Notice[],
    nowUnixMs: number,
  ): void {
    const known = new Map(before.map((alert) => [alert.id, JSON.stringify(alert)]));
    const noticeById = new Map(notices.map((notice) => [notice.alert.id, notice]));
    for (const alert of alerts) {
      const notice = noticeById.get(alert.id);
      if (notice) keepAlert(this.#store, { alert, untold: this.#messageOf(notice, nowUnixMs) }, nowUnixMs);
      else if (known.get(alert.id) !== JSON.stringify(alert)) keepAlert(this.#store, { alert }, nowUnixMs);
    }
  }

  readonly #messageOf = (
    { alert, members, over, event, severity }: Notice,
    nowUnixMs: number,
  ): AlertMessage => {
    const { viewer } = this.#config;
    const pictureOf = (traceId: string) => lastPicture(this.#store, traceId);
    return alertMessage(alert, members, { event, severity, over, nowUnixMs, viewer, pictureOf });
  };

  /** Also what a crash left behind. */
  #writeUntold(nowUnixMs: number): AlertMessage[] {
    const messages: AlertMessage[] = [];
    for (const { alert, untold } of keptAlerts(this.#store)) {
      if (!untold) continue;
      this.outbox.write(untold);
      keepAlert(this.#store, { alert }, nowUnixMs);
      messages.push(untold);
    }
    return messages;
  }

  /** Sends what is due, and reminds those who forget. */
  flush(): Promise<Delivery[]> {
    return this.#send(false);
  }

  async #send(isNews: boolean): Promise<Delivery[]> {
    const deliveries = await this.outbox.flush();
    for (const { channel, message, answer, isDead } of deliveries)
      if (!answer.took)
        this.#onTrouble(
          `Alert ${message.alertId} could not be sent to ${channel} (${answer.says}): ${isDead ? 'given up; headwater alert dead-letters' : 'it is tried again'}.`,
        );
    if (!isNews && this.#now() - this.#remindedUnixMs >= RESEND_MS) await this.#remind();
    return deliveries;
  }

  async #remind(): Promise<void> {
    const nowUnixMs = this.#now();
    this.#remindedUnixMs = nowUnixMs;
    const channels = this.channels.filter((channel) => channel.remind !== undefined);
    if (channels.length === 0) return;
    const troubles = await remind(channels, {
      alerts: keptAlerts(this.#store).map(({ alert }) => alert),
      silences: silences(this.#store),
      nowUnixMs,
      messageOf: this.#messageOf,
    });
    for (const trouble of troubles) this.#onTrouble(trouble);
  }

  /** Sends by itself from now on. Does not keep the process alive. */
  start(): void {
    if (this.#timer) return;
    this.#writeUntold(this.#now());
    this.#timer = setInterval(() => {
      if (!this.outbox.isBusy) this.#inBackground(this.flush());
    }, FLUSH_EVERY_MS);
    this.#timer.unref();
    this.#inBackground(this.flush());
  }

  /** Waits for what is being sent at this moment; what waits for a later try stays on the disk. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#background;
  }

  #inBackground(work: Promise<unknown>): void {
    const before = this.#background;
    this.#background = Promise.allSettled([before, work]).then(([, done]) => {
      if (done.status === 'rejected') this.#onTrouble(`Alerts could not be sent: ${String(done.reason)}`);
    });
  }
}

const msOf = (text: string | undefined): number | undefined => {
  const ns = text === undefined ? undefined : durationNs(text);
  return ns === undefined ? undefined : msFromNanos(ns);
};
