/** Sending by hand: a test to every channel, and letters that no channel took. */
import { type Channel, channelsOf } from '../alert/send/channels.ts';
import { Outbox } from '../alert/send/outbox.ts';
import { pictureBytes } from '../alert/send/picture.ts';
import { type Answer, post } from '../alert/send/post.ts';
import { testMessage } from '../alert/test-message.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Store } from '../store/store.ts';
import { loadModule } from './configured.ts';
import { say, sayDone, sayFailed } from './console.ts';
import { EXIT, UserError, withExitCode } from './user-error.ts';

export async function testChannels(): Promise<void> {
  const { alerts = {} } = await configOf();
  const channels = await channelsFrom({ alerts });
  if (channels.length === 0)
    throw new UserError(
      'No channel is configured: set alerts.webhook, alerts.slack or alerts.alertmanager in headwater.config.ts (docs/alerts.md).',
    );
  const nowUnixMs = Date.now();
  const message = testMessage(nowUnixMs, alerts.viewer);
  const answers = await Promise.all(channels.map((channel) => channel.send({ message, nowUnixMs })));
  report(channels.map(({ name }, i) => ({ channel: name, answer: answers[i]! })));
}

export async function resendDeadLetters(store: Store): Promise<void> {
  const channels = await channelsFrom(await configOf(), store);
  const parts = { store, channels, giveUpAfterMs: 0, now: Date.now, random: Math.random };
  const sent = await new Outbox(parts).resendDead();
  if (sent.length === 0) return say('There is no dead letter.');
  report(sent);
}

function report(sent: readonly { readonly channel: string; readonly answer: Answer }[]): void {
  for (const { channel, answer } of sent)
    if (answer.took) sayDone(channel, `took it: ${answer.says}`);
    else sayFailed(`${channel} did not take it: ${answer.says}`);
  const failed = sent.filter(({ answer }) => !answer.took).length;
  if (failed > 0) throw new UserError(`${failed} of ${sent.length} messages did not arrive.`, EXIT.failed);
}

const configOf = (): Promise<Config> => withExitCode(EXIT.usage, () => loadConfig(process.cwd(), loadModule));

const channelsFrom = ({ alerts = {} }: Pick<Config, 'alerts'>, store?: Store): Promise<Channel[]> =>
  withExitCode(EXIT.usage, () =>
    channelsOf(alerts, {
      env: process.env,
      post,
      ...(store && { pictureBytes: (picture) => pictureBytes(store, picture) }),
    }),
  );
