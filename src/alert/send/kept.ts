/**
 * What is remembered of alerts, as records beside the runs. Each kind has one writer, so that nobody overwrites what
 * another process just said: whoever judges writes alerts and letters, people write acknowledgements and silences.
 */
import type { Acknowledgement, Alert, Silence } from '../../model/alert.ts';
import type { Store } from '../../store/store.ts';
import type { AlertMessage } from '../message.ts';

export type RecordStore = Pick<Store, 'keepRecord' | 'record' | 'records' | 'dropRecord'>;

/** A message on its way to one channel. */
export interface Letter {
  readonly channel: string;
  readonly message: AlertMessage;
  readonly writtenUnixMs: number;
  /** Attempts that failed. */
  readonly attempts: number;
  readonly nextUnixMs: number;
  /** What the last of them was answered. */
  readonly says?: string;
}

/** An alert with what was decided to be told and is not yet written to every channel. */
interface KeptAlert {
  readonly alert: Alert;
  readonly untold?: AlertMessage;
}

export const KIND = {
  alert: 'alert',
  acknowledgement: 'alert_ack',
  silence: 'alert_silence',
  letter: 'alert_letter',
  deadLetter: 'dead_letter',
} as const;

/** For looking back at; alerts that fire are kept however long they do. */
const KEPT_MS = 30 * 24 * 60 * 60_000;
/** More alerts than a store gets in that time, unless everything flaps. */
const MAX_READ = 10_000;

export function keptAlerts(store: RecordStore): KeptAlert[] {
  return store.records(KIND.alert, { limit: MAX_READ }).map(({ body }) => body as KeptAlert);
}

export function keepAlert(store: RecordStore, kept: KeptAlert, nowUnixMs: number): void {
  store.keepRecord(KIND.alert, { key: kept.alert.id, atUnixMs: nowUnixMs, body: kept });
}

export const alertById = (store: RecordStore, id: string): Alert | undefined =>
  (store.record(KIND.alert, id)?.body as KeptAlert | undefined)?.alert;

export const acknowledgements = (store: RecordStore): Map<string, Acknowledgement> =>
  new Map(
    store
      .records(KIND.acknowledgement, { limit: MAX_READ })
      .map(({ key, body }) => [key, body as Acknowledgement]),
  );

export const acknowledge = (store: RecordStore, alertId: string, body: Acknowledgement): void =>
  store.keepRecord(KIND.acknowledgement, { key: alertId, atUnixMs: body.atUnixMs, body });

export const silences = (store: RecordStore): Silence[] =>
  store.records(KIND.silence, { limit: MAX_READ }).map(({ body }) => body as Silence);

export const keepSilence = (store: RecordStore, silence: Silence): void =>
  store.keepRecord(KIND.silence, { key: silence.id, atUnixMs: silence.untilUnixMs, body: silence });

export const dropSilence = (store: RecordStore, id: string): void => store.dropRecord(KIND.silence, id);

/** In the order in which they were written; of one alert that is the order of its messages. */
export function letters(store: RecordStore, kind: 'alert_letter' | 'dead_letter'): KeptLetter[] {
  return store
    .records(kind, { limit: MAX_READ })
    .map(({ key, body }) => ({ key, letter: body as Letter }))
    .sort((a, b) => a.letter.writtenUnixMs - b.letter.writtenUnixMs || (a.key < b.key ? -1 : 1));
}

export interface KeptLetter {
  readonly key: string;
  readonly letter: Letter;
}

/** The same for the same message and channel, however often it is written. */
export const letterKey = ({ channel, message }: Pick<Letter, 'channel' | 'message'>): string =>
  `${message.id}.${channel}`;

export function keepLetter(store: RecordStore, kind: 'alert_letter' | 'dead_letter', letter: Letter): void {
  store.keepRecord(kind, { key: letterKey(letter), atUnixMs: letter.writtenUnixMs, body: letter });
}

/** Forgets what ended long ago. */
export function dropOld(store: RecordStore, nowUnixMs: number): void {
  const old = { untilUnixMs: nowUnixMs - KEPT_MS, limit: MAX_READ };
  for (const { key, body } of store.records(KIND.alert, old))
    if ((body as KeptAlert).alert.resolvedUnixMs !== null) store.dropRecord(KIND.alert, key);
  for (const { key } of store.records(KIND.acknowledgement, old))
    if (!store.record(KIND.alert, key)) store.dropRecord(KIND.acknowledgement, key);
  for (const kind of [KIND.silence, KIND.deadLetter])
    for (const { key } of store.records(kind, old)) store.dropRecord(kind, key);
}
