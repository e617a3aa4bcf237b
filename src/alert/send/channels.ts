/** The channels of a configuration: each takes the one message in its own form. */
import type { AlertmanagerConfig, AlertsConfig, SlackConfig, WebhookConfig } from '../../config/alerts.ts';
import type { Alert } from '../../model/alert.ts';
import { redactText } from '../../model/redact.ts';
import { alertmanagerAlerts } from '../alertmanager-payload.ts';
import type { AlertMessage, PictureRef } from '../message.ts';
import { slackPayload } from '../slack-payload.ts';
import { type Picture, webhookPayload } from '../webhook-payload.ts';
import type { Answer, Post } from './post.ts';
import { signatureHeaders, signingKey } from './signature.ts';

export interface Dispatch {
  readonly message: AlertMessage;
  /** As it is now, which may be later than the message; undefined for a test, and when it is kept no more. */
  readonly alert?: Alert;
  readonly nowUnixMs: number;
}

export interface Channel {
  /** Unique. */
  readonly name: string;
  readonly pagesOnly: boolean;
  send(dispatch: Dispatch): Promise<Answer>;
  /** Of a channel that forgets what is not said again: everything that fires or ended a short time ago. */
  remind?(dispatches: readonly Dispatch[]): Promise<Answer>;
}

export interface ChannelParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly post: Post;
  readonly pictureBytes?: (picture: PictureRef) => Picture | undefined;
}

/** @throws Error with one sentence that names the key and the variable, never a value */
export function channelsOf(config: AlertsConfig, parts: ChannelParts): Channel[] {
  const { timeZone } = config;
  return unique([
    ...named('webhook', config.webhook, (one, key) => webhook(one, key, parts, timeZone)),
    ...named('slack', config.slack, (one, key) => slack(one, key, parts, timeZone)),
    ...named('alertmanager', config.alertmanager, (one, key) => alertmanager(one, key, parts, timeZone)),
  ]);
}

interface Named {
  readonly name?: string;
  readonly pagesOnly?: boolean;
}

function named<T extends Named>(
  kind: string,
  config: T | readonly T[] | undefined,
  make: (one: T, key: string) => Pick<Channel, 'send' | 'remind'>,
): Channel[] {
  const all = config === undefined ? [] : Array.isArray(config) ? (config as readonly T[]) : [config as T];
  return all.map((one, i) => ({
    name: one.name ?? (i === 0 ? kind : `${kind}-${i + 1}`),
    pagesOnly: one.pagesOnly ?? false,
    ...make(one, all.length === 1 ? `alerts.${kind}` : `alerts.${kind}.${i}`),
  }));
}

function unique(channels: Channel[]): Channel[] {
  const names = channels.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new Error(`alerts: two channels are called ${twice}. Give one another name.`);
  return channels;
}

function webhook(config: WebhookConfig, key: string, parts: ChannelParts, timeZone?: string) {
  const { url, secretEnv, picture: isSent = true } = config;
  const secret = fromEnvironment(secretEnv, `${key}.secretEnv`, parts);
  const signing = keyOf(secret, secretEnv);
  return {
    async send({ message, nowUnixMs }: Dispatch): Promise<Answer> {
      const picture = isSent && message.picture ? parts.pictureBytes?.(message.picture) : undefined;
      const body = JSON.stringify(webhookPayload(message, picture, timeZone));
      const headers = signatureHeaders(`msg_${message.id}`, nowUnixMs, body, signing);
      return discreet(await parts.post(url, body, headers), [url, secret]);
    },
  };
}

function keyOf(secret: string, variable: string): Buffer {
  try {
    return signingKey(secret);
  } catch (error) {
    throw new Error(`The environment variable ${variable} ${(error as Error).message}`);
  }
}

function slack({ url, urlEnv }: SlackConfig, key: string, parts: ChannelParts, timeZone?: string) {
  const target = url ?? fromEnvironment(urlEnv ?? '', `${key}.urlEnv`, parts);
  if (!URL.canParse(target)) throw new Error(`The environment variable ${urlEnv} holds no address.`);
  return {
    async send({ message }: Dispatch): Promise<Answer> {
      const body = JSON.stringify(slackPayload(message, timeZone));
      return discreet(await parts.post(target, body, {}), [target]);
    },
  };
}

function alertmanager(config: AlertmanagerConfig, key: string, parts: ChannelParts, timeZone?: string) {
  const { url, tokenEnv, labels } = config;
  const token = tokenEnv && fromEnvironment(tokenEnv, `${key}.tokenEnv`, parts);
  const target = `${url.replace(/\/+$/, '')}/api/v2/alerts`;
  const remind = async (dispatches: readonly Dispatch[]): Promise<Answer> => {
    const alerts = dispatches.flatMap(({ message, alert, nowUnixMs }) =>
      alertmanagerAlerts(message, alert, nowUnixMs, { labels, timeZone }),
    );
    const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
    return discreet(await parts.post(target, JSON.stringify(alerts), headers), [url, token ?? url]);
  };
  return { remind, send: (dispatch: Dispatch) => remind([dispatch]) };
}

function fromEnvironment(name: string, key: string, { env }: ChannelParts): string {
  const value = env[name];
  if (value === undefined || value === '')
    throw new Error(`${key}: the environment variable ${name} is not set.`);
  return value;
}

/** An answer is kept and shown: it must not repeat what is secret. */
function discreet(answer: Answer, secrets: readonly string[]): Answer {
  const says = secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), answer.says);
  return { ...answer, says: redactText(says) };
}
