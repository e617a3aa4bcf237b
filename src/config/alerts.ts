/**
 * Of `headwater.config.ts`: whom to tell, and how. Secrets are named by their environment variables, never written.
 *
 * ```ts
 * alerts: {
 *   viewer: 'https://headwater.internal.example',
 *   resolveAfter: '10m',
 *   webhook: { url: 'https://ops.example/hooks/headwater', secretEnv: 'OPS_WEBHOOK_SECRET' },
 *   slack: [{ urlEnv: 'SLACK_URL' }, { name: 'on-call', urlEnv: 'SLACK_ON_CALL_URL', pagesOnly: true }],
 *   alertmanager: { url: 'http://127.0.0.1:9093', labels: { team: 'shop' } },
 * }
 * ```
 */
import { z } from 'zod';
import { duration } from './duration.ts';

const address = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address such as https://ops.example/hooks',
  );
const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable such as SLACK_URL');
const label = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a label name: letters, digits and _');

const channel = {
  /** What messages and dead letters are kept under; by default the kind, numbered from the second on. */
  name: z
    .string()
    .regex(/^[\w.-]{1,40}$/, 'must be a short name: letters, digits, _ . -')
    .optional(),
  /** Only what somebody has to get up for. */
  pagesOnly: z.boolean().optional(),
};

const webhook = z.strictObject({
  ...channel,
  url: address,
  /** Environment variable that holds `whsec_` and the key in base64. */
  secretEnv: environmentName,
  /** Whether the last picture of the page is sent along; true unless told otherwise. */
  picture: z.boolean().optional(),
});
const slack = z
  .strictObject({
    ...channel,
    /** Environment variable that holds the address: whoever knows it may write there. */
    urlEnv: environmentName.optional(),
    url: address.optional(),
  })
  .refine(({ url, urlEnv }) => (url === undefined) !== (urlEnv === undefined), 'needs either urlEnv or url');
const alertmanager = z.strictObject({
  ...channel,
  /** Without `/api/v2/alerts`. */
  url: address,
  /** Environment variable that holds a bearer token. */
  tokenEnv: environmentName.optional(),
  /** On every alert. */
  labels: z.record(label, z.string()).optional(),
});

const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one)]);
const timeZone = z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

export const alerts = z.strictObject({
  /** Where those who get a message can open the viewer. */
  viewer: address.optional(),
  /** Of the times in messages; UTC unless told otherwise. */
  timeZone: timeZone.optional(),
  /** How long nothing must have been wrong, `10m` unless told otherwise … */
  resolveAfter: duration.optional(),
  /** … and in how many judgements in a row, 2 unless told otherwise. */
  resolveAfterJudgements: z.number().int().min(1).optional(),
  /** How long a message that a channel does not take is tried again, `1h` unless told otherwise. */
  giveUpAfter: duration.optional(),
  webhook: oneOrMore(webhook).optional(),
  slack: oneOrMore(slack).optional(),
  alertmanager: oneOrMore(alertmanager).optional(),
});

export type AlertsConfig = z.infer<typeof alerts>;
export type WebhookConfig = z.infer<typeof webhook>;
export type SlackConfig = z.infer<typeof slack>;
export type AlertmanagerConfig = z.infer<typeof alertmanager>;
