/** The key of the certificate that a server presents, whoever signed it: what `curl -k` takes, pinned for the browser. */
import { createHash } from 'node:crypto';
import { connect } from 'node:tls';

const TIMEOUT_MS = 10_000;

/** Base64 SHA-256 of the SubjectPublicKeyInfo. @throws Error with a sentence */
export function presentedKey(
  url: string,
  addressByHost: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const name = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: addressByHost[hostname] ?? name,
      port: Number(port) || 443,
      ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
      rejectUnauthorized: false,
      timeout: TIMEOUT_MS,
    });
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`The certificate of ${hostname} could not be looked at: ${why}.`));
    };
    socket.once('secureConnect', () => {
      const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
      socket.end();
      if (key) resolve(createHash('sha256').update(key).digest('base64'));
      else fail('it presented none');
    });
    socket.once('timeout', () => fail('no answer in time'));
    socket.once('error', (error) => fail(error.message));
  });
}
