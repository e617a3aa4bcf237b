/** The log line of one exchange through the embedded proxy, in the fields of haproxy-config.ts. */

/** What the log says of a connection; shared by all its requests. */
export interface Connection {
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly acceptedUs: number;
  securedUs: number;
  tls: typeof NO_TLS;
  requests: number;
}

export const NO_TLS = { sslv: '-', sslc: '-', alpn: '-', resumed: '-', sni: '-' };

export interface Backend {
  readonly name: string;
  readonly port: number;
}

/** Everything that the log line of one exchange needs. */
export interface Exchange {
  readonly connection: Connection;
  readonly ordinal: number;
  readonly backend: Backend;
  readonly requestUs: number;
  readonly traceparentIn: string;
  readonly traceparentOut: string;
  readonly frontend: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly httpVersion: string;
  responseUs: number;
  status: number;
  bytes: number;
  termination: string;
  backendPort: number;
}

const wholeMs = (us: number): number => Math.floor(us / 1000);

/** One line of JSON. What the embedded proxy cannot know is written as HAProxy writes it, `-` or -1. */
export const logLine = (one: Exchange, endUs: number): string =>
  `${JSON.stringify({ ...instants(one, endUs), ...outcome(one), ...requestLine(one) })}\n`;

function instants({ connection, ordinal, requestUs, responseUs }: Exchange, endUs: number) {
  const handshakeMs = ordinal === 1 ? wholeMs(connection.securedUs - connection.acceptedUs) : 0;
  const Tr = responseUs ? wholeMs(responseUs - requestUs) : -1;
  const Td = responseUs ? wholeMs(endUs - responseUs) : -1;
  const Ta = wholeMs(endUs - requestUs);
  const acceptedMs = wholeMs(connection.acceptedUs);
  return {
    k: 'haproxy',
    v: 1,
    acc_s: Math.floor(acceptedMs / 1000),
    acc_ms: String(acceptedMs % 1000).padStart(3, '0'),
    tr: commonLogDate(new Date(wholeMs(requestUs))),
    acc_us: String(connection.acceptedUs),
    ssn_us: String(connection.securedUs),
    req_us: String(requestUs),
    rsp_us: responseUs ? String(responseUs) : '-',
    log_us: String(endUs),
    ...{
      Th: handshakeMs,
      Ti: 0,
      TR: 0,
      Tq: handshakeMs,
      Tw: 0,
      Tc: 0,
      Tr,
      Td,
      Ta,
      Tt: handshakeMs + Ta,
      Tu: Ta,
    },
  };
}

/** Local time, as access logs have always written it: `22/Nov/2026:16:27:05.154`. */
function commonLogDate(date: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const month = date.toLocaleString('en-US', { month: 'short' });
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${two(date.getDate())}/${month}/${date.getFullYear()}:${time}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const outcome = (one: Exchange) => ({
  st: one.status,
  ts: one.termination,
  rc: '0',
  ...{ ac: 0, fc: 0, bc: 0, sc: 0, sq: 0, bq: 0 },
  fe: one.frontend,
  be: 'web',
  srv: one.backend.name,
  bp: one.backendPort ? String(one.backendPort) : '-',
  sp: String(one.backend.port),
  B: one.bytes,
  U: 0,
  tp_in: one.traceparentIn,
  tp_out: one.traceparentOut,
  n: String(one.ordinal),
});

const requestLine = ({ connection, ordinal, method, host, path, httpVersion }: Exchange) => ({
  ci: connection.clientAddress,
  cp: connection.clientPort,
  m: method,
  host,
  p: path,
  hv: `HTTP/${httpVersion}`,
  ...connection.tls,
  rt: ordinal,
  ...{ rtt: '-', retrans: '-', sslerr: '-', fcerr: '-', bcerr: '-' },
});
