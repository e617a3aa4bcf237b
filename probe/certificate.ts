/**
 * Throw-away TLS certificates for servers on this machine, and the pin that makes Chromium trust exactly them.
 *
 * A pin is the base64 SHA-256 of the certificate's SubjectPublicKeyInfo, as RFC 7469 §2.4 defines it and as
 * `--ignore-certificate-errors-spki-list` takes it. Pinning keeps the disk cache at work; ignoring errors does not.
 */
// x509's dependency injection needs this polyfill to be there before it is loaded.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  /** PKCS #8 private key, PEM. */
  readonly key: string;
  /** Certificate, PEM. */
  readonly cert: string;
  readonly pin: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Chromium refuses server certificates that are valid for longer than 398 days. */
const VALID_DAYS = 90;

/** A self-signed P-256 server certificate for host names, wildcards and IP addresses; the first one is its subject. */
export async function makeCertificate(names: readonly string[]): Promise<Certificate> {
  const [subject] = names;
  if (!subject) throw new Error('makeCertificate needs at least one host name or address.');
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [subject] }],
    keys,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - DAY_MS),
    notAfter: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  });
  return {
    key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    cert: certificate.toString('pem'),
    pin: createHash('sha256').update(new Uint8Array(certificate.publicKey.rawData)).digest('base64'),
  };
}

const alternativeName = (value: string): x509.JsonGeneralName => ({
  type: isIP(value) ? 'ip' : 'dns',
  value,
});
