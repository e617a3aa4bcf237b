/**
 * What is told of a TLS handshake: names of semantic conventions (https://opentelemetry.io/docs/specs/semconv/registry/attributes/tls/)
 * where there is one, `headwater.tls.*` for the rest.
 */
import { X509Certificate } from 'node:crypto';
import { HANDSHAKE, type TlsHandshake } from '../../src/import/netlog.ts';
import { present } from '../../src/model/attributes.ts';
import type { Attributes, AttributeValue } from '../../src/model/span.ts';
import { alertName, cipherSuiteName, groupName } from './tls-names.ts';

const DAY_MS = 86_400_000;

export function tlsAttributes(tls: TlsHandshake): Attributes {
  return present({
    'tls.protocol.name': 'tls',
    'tls.protocol.version': tls.version?.replace(/^TLS /, ''),
    'tls.cipher': tls.cipherSuite === undefined ? undefined : cipherSuiteName(tls.cipherSuite),
    'tls.curve': tls.group === undefined ? undefined : groupName(tls.group),
    'tls.next_protocol': tls.alpn || undefined,
    'tls.resumed': tls.isResumed,
    'tls.established': tls.endUnixMs === undefined ? undefined : tls.netError === undefined,
    'headwater.tls.encrypted_client_hello': tls.isEncryptedHello,
    'headwater.tls.hello_retry_request': isRetried(tls),
    'headwater.tls.round_trips': roundTrips(tls),
    'headwater.tls.messages': tls.messages.length,
    'headwater.tls.chain_bytes': chainBytes(tls),
    'headwater.tls.certificates': tls.certificates.length || undefined,
    'headwater.tls.verification_ms':
      tls.verification?.endUnixMs && tls.verification.endUnixMs - tls.verification.startUnixMs,
    'headwater.tls.alert': tls.alert && alertName(tls.alert),
    ...certificateFacts(tls.certificates[0], tls.startUnixMs),
  });
}

export const isRetried = (tls: TlsHandshake): boolean | undefined =>
  tls.messages.length === 0 ? undefined : tls.messages.some((message) => message.isRetryRequest);

/**
 * Times that the browser spoke and then had to wait for the server: 1 in TLS 1.3, 2 after a HelloRetryRequest.
 * TLS 1.2 needs 2 as well, unless the browser may send its request before the server's Finished (false start).
 */
function roundTrips({ messages }: TlsHandshake): number | undefined {
  if (messages.length === 0) return undefined;
  return messages.filter((m, i) => m.direction === 'received' && messages[i - 1]?.direction === 'sent')
    .length;
}

/** The Certificate message as it was sent; a resumed session sends none. */
const chainBytes = ({ messages }: TlsHandshake): number | undefined =>
  messages.find((m) => m.direction === 'received' && m.type === HANDSHAKE.certificate)?.bytes;

type Facts = Readonly<Record<string, AttributeValue | undefined>>;

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** One run meets the same few certificates on every connection. */
const certificateByPem = new Map<string, Certificate | undefined>();
const MAX_KNOWN = 256;

function certificateFacts(pem: string | undefined, seenUnixMs: number): Facts {
  const certificate = pem === undefined ? undefined : certificateOf(pem);
  if (!certificate) return {};
  return {
    'tls.server.subject': certificate.subject,
    'tls.server.issuer': certificate.issuer,
    'tls.server.not_before': certificate.notBefore.toISOString(),
    'tls.server.not_after': certificate.notAfter.toISOString(),
    'headwater.tls.expires_in_days': Math.floor((certificate.notAfter.getTime() - seenUnixMs) / DAY_MS),
  };
}

function certificateOf(pem: string): Certificate | undefined {
  if (certificateByPem.has(pem)) return certificateByPem.get(pem);
  if (certificateByPem.size >= MAX_KNOWN) certificateByPem.clear();
  const certificate = parse(pem);
  certificateByPem.set(pem, certificate);
  return certificate;
}

function parse(pem: string): Certificate | undefined {
  try {
    const { subject, issuer, validFrom, validTo } = new X509Certificate(pem);
    const [notBefore, notAfter] = [new Date(validFrom), new Date(validTo)];
    if (Number.isNaN(notBefore.getTime() + notAfter.getTime())) return undefined;
    return { subject: nameOf(subject), issuer: nameOf(issuer), notBefore, notAfter };
  } catch {
    return undefined;
  }
}

/** Node.js writes a line for each part of a name, escaped as in RFC 2253. */
const nameOf = (lines: string): string => lines.replaceAll('\n', ', ');
