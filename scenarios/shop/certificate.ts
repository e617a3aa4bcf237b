/**
 * The shop's TLS certificate: a P-256 leaf for its host names, signed by a certificate authority that lives for one
 * run and whose private key is never kept. Browsers trust the leaf by its pin (RFC 7469 §2.4), other clients by `ca`.
 */
// x509's dependency injection needs this polyfill to be there before it is loaded.
import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface ShopCertificate {
  /** PKCS #8 private key of the leaf, PEM. */
  readonly key: string;
  /** Leaf, PEM. */
  readonly cert: string;
  /** What is sent with the leaf beside the authority, PEM; empty unless a fault wants a fat chain. */
  readonly ballast: string;
  /** The authority that signed it, PEM. */
  readonly ca: string;
  /** Base64 SHA-256 of the leaf's SubjectPublicKeyInfo. */
  readonly pin: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** A shop runs for hours; browsers refuse more than 398 days. */
const VALID_DAYS = 30;

export interface CertificateOptions {
  readonly chainBytes?: number;
  readonly expiredDays?: number;
}

/** `names` are host names and IP addresses; the first is the subject. */
export async function makeShopCertificate(
  names: readonly string[],
  { chainBytes = 0, expiredDays }: CertificateOptions = {},
): Promise<ShopCertificate> {
  const [subject] = names;
  if (!subject) throw new Error('makeShopCertificate needs at least one host name or address.');
  const authority = await makeAuthority();
  const keys = await generateKeys();
  const leaf = await x509.X509CertificateGenerator.create({
    ...lifetime(expiredDays),
    subject: [{ CN: [subject] }],
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.BasicConstraintsExtension(false),
    ],
  });
  return {
    key: `${x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')}\n`,
    cert: `${leaf.toString('pem')}\n`,
    ballast: await ballastOf(chainBytes),
    ca: `${authority.certificate.toString('pem')}\n`,
    pin: createHash('sha256').update(new Uint8Array(leaf.publicKey.rawData)).digest('base64'),
  };
}

async function makeAuthority() {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(),
    name: [{ CN: ['Headwater demo shop, throw-away authority'] }],
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { keys, certificate };
}

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

/** Now, or as it was when the certificate expired so many days ago. */
const lifetime = (expiredDays = -VALID_DAYS) => ({
  notBefore: new Date(Date.now() - (expiredDays + VALID_DAYS + 1) * DAY_MS),
  notAfter: new Date(Date.now() - expiredDays * DAY_MS),
});

/** Certificates that hold many names are about this long; browsers do not read lists of more than 100 kB. */
const BALLAST_NAMES = 200;

/** Certificates that nobody needs, as a server sends them whose file has gathered all it ever had. */
async function ballastOf(bytes: number): Promise<string> {
  let pem = '';
  for (let made = 0, nth = 1; made < bytes; nth++) {
    const names = Array.from({ length: BALLAST_NAMES }, (_, i) => `old-${nth}-${i}.millrace.test`);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...lifetime(),
      name: [{ CN: [`Millrace, certificate ${nth} of former times`] }],
      keys: await generateKeys(),
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.SubjectAlternativeNameExtension(names.map(alternativeName))],
    });
    made += certificate.rawData.byteLength;
    pem += `${certificate.toString('pem')}\n`;
  }
  return pem;
}

const alternativeName = (value: string): x509.JsonGeneralName => ({
  type: isIP(value) ? 'ip' : 'dns',
  value,
});
