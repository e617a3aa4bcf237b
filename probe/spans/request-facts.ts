/** What is worth knowing of a request besides its times: sizes, priority, who answered, and why it failed, in words. */
import { present } from '../../src/model/attributes.ts';
import type { Attributes } from '../../src/model/span.ts';
import type { CdpRequest } from '../cdp/network-recorder.ts';

export function requestFacts(cdp: CdpRequest | undefined): Attributes {
  if (!cdp) return {};
  return {
    ...sizes(cdp),
    ...present({
      'http.request.resend_count': cdp.hop || undefined,
      'headwater.priority': cdp.priority && spaced(cdp.priority),
      'headwater.render_blocking': cdp.renderBlocking && spaced(cdp.renderBlocking),
      'headwater.from_prefetch': cdp.fromPrefetch,
      'headwater.revalidated':
        cdp.wireStatusCode === NOT_MODIFIED && cdp.statusCode !== NOT_MODIFIED ? true : undefined,
      'headwater.service_worker.answered_from': cdp.serviceWorker?.answeredFrom,
      'headwater.failure.reason': reasonOf(cdp),
    }),
  };
}

const NOT_MODIFIED = 304;

/** Only what crossed the wire has a size on it; without an answer the bytes are those of the browser's error page. */
function sizes(cdp: CdpRequest): Attributes {
  if (cdp.statusCode === undefined || cdp.fromCache) return {};
  const { transferBytes, responseHeaderBytes } = cdp;
  const bodyBytes =
    transferBytes !== undefined && responseHeaderBytes !== undefined && cdp.finishedS !== undefined
      ? Math.max(0, transferBytes - responseHeaderBytes)
      : undefined;
  const isPlain = cdp.protocol?.startsWith('http/1');
  return present({
    'http.response.body.size': bodyBytes,
    'headwater.response.header_bytes': responseHeaderBytes,
    // Later versions of HTTP compress them; how far, nobody says.
    'headwater.request.header_bytes': isPlain ? cdp.requestHeaderBytes : undefined,
    'http.request.body.size': cdp.requestBodyBytes,
  });
}

/** `InBodyParserBlocking` → `in body parser blocking` */
const spaced = (name: string): string =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/_/g, ' ')
    .toLowerCase();

const WORDS_BY_ERROR: Readonly<Record<string, string>> = {
  ERR_ABORTED:
    'called off before it was answered: by the page, by leaving it, or because it became a download',
  ERR_BLOCKED_BY_CLIENT: 'blocked inside the browser',
  ERR_BLOCKED_BY_RESPONSE: 'the answer forbids its use here',
  ERR_BLOCKED_BY_ORB: 'the answer forbids its use by another site',
  ERR_NAME_NOT_RESOLVED: 'the name could not be resolved',
  ERR_CONNECTION_REFUSED: 'nobody listens at that address and port',
  ERR_UNSAFE_PORT: 'the browser does not connect to that port',
  ERR_CONNECTION_RESET: 'the server cut the connection',
  ERR_CONNECTION_CLOSED: 'the server closed the connection',
  ERR_EMPTY_RESPONSE: 'the server closed the connection without an answer',
  ERR_CONNECTION_TIMED_OUT: 'the server did not answer the connection',
  ERR_TIMED_OUT: 'no answer in time',
  ERR_INTERNET_DISCONNECTED: 'the browser has no network',
  ERR_CERT_AUTHORITY_INVALID: 'the certificate comes from an authority that the browser does not know',
  ERR_CERT_COMMON_NAME_INVALID: 'the certificate is for another name',
  ERR_CERT_DATE_INVALID: 'the certificate is not valid today',
};

const WORDS_BY_BLOCK: Readonly<Record<string, string>> = {
  csp: "the page's content security policy forbids it",
  'mixed-content': 'a secure page may not ask over plain HTTP',
  origin: 'another origin may not ask for it',
  inspector: 'blocked by a debugging tool',
  'corp-not-same-origin': "the answer's resource policy is for its own origin",
  'corp-not-same-site': "the answer's resource policy is for its own site",
};

function reasonOf({ failure, isCanceled, blockedReason, corsError }: CdpRequest): string | undefined {
  if (failure === undefined) return undefined;
  if (blockedReason) return WORDS_BY_BLOCK[blockedReason] ?? `blocked: ${blockedReason}`;
  if (corsError) return `the other origin does not allow it (CORS: ${spaced(corsError)})`;
  if (isCanceled) return 'called off by the page, or by leaving it';
  return WORDS_BY_ERROR[failure.replace(/^net::/, '')];
}
