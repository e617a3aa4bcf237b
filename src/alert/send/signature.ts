/**
 * Signs what a webhook sends as the Standard Webhooks specification has it (https://www.standardwebhooks.com, 1.0.0):
 * HMAC-SHA256 over `id.timestamp.body`. The receiver knows the sender by it, and an old message by its timestamp.
 */
import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** The specification's bounds of a key. */
const MIN_BYTES = 24;
const MAX_BYTES = 64;

/** @throws Error with a sentence that does not repeat the secret */
export function signingKey(secret: string): Buffer {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '', 'base64');
  if (key.length < MIN_BYTES || key.length > MAX_BYTES)
    throw new Error(
      `must be ${PREFIX} and ${MIN_BYTES} to ${MAX_BYTES} random bytes in base64: echo "${PREFIX}$(openssl rand -base64 32)"`,
    );
  return key;
}

export function signatureHeaders(
  id: string,
  unixMs: number,
  body: string,
  key: Buffer,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(unixMs / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
