/**
 * What HAProxy's configuration needs so that each request is told with its trace context and its instants.
 * Tried on 2.6. The demo shop runs exactly these lines.
 *
 * Where a request's instants are stamped, in µs (`date(0,us)`); HAProxy's own timers are whole milliseconds:
 * ```
 * acc_us        ssn_us      req_us                      rsp_us        log_us
 *   |--- TLS ----|--- … -----|--- queue|connect|server --|--- body ----|
 * ```
 * The proxy mints a span id of its own and forwards it, so that the service's span hangs under the proxy's:
 * `tp_in` is the client's traceparent, `tp_out` what the backend receives.
 */

/** The default of 1024 bytes cuts the JSON off. */
const LOG_BYTES = 8192;

/** Field → what HAProxy writes there. Every fetch is quoted: one that is not set prints a bare `-`. */
const LOG_FIELDS: Readonly<Record<string, string>> = {
  k: '"haproxy"',
  v: '1',
  acc_s: '%Ts',
  acc_ms: '"%ms"',
  tr: '"%tr"',
  acc_us: '"%[var(sess.hw_acc)]"',
  ssn_us: '"%[var(sess.hw_ssn)]"',
  req_us: '"%[var(txn.hw_req)]"',
  rsp_us: '"%[var(txn.hw_rsp)]"',
  log_us: '"%[date(0,us)]"',
  ...Object.fromEntries(
    ['Th', 'Ti', 'TR', 'Tq', 'Tw', 'Tc', 'Tr', 'Td', 'Ta', 'Tt', 'Tu'].map((t) => [t, `%${t}`]),
  ),
  st: '%ST',
  ts: '"%tsc"',
  rc: '"%rc"',
  ac: '%ac',
  fc: '%fc',
  bc: '%bc',
  sc: '%sc',
  sq: '%sq',
  bq: '%bq',
  fe: '"%f"',
  be: '"%b"',
  srv: '"%s"',
  ci: '"%ci"',
  cp: '%cp',
  bp: '"%bp"',
  sp: '"%sp"',
  B: '%B',
  U: '%U',
  tp_in: '"%[var(txn.tp_in),json(utf8s)]"',
  tp_out: '"%[var(txn.tp_out)]"',
  rt: '%rt',
  n: '"%[var(txn.n)]"',
  m: '"%HM"',
  host: '"%[var(txn.host),json(utf8s)]"',
  p: '"%[var(txn.url),json(utf8s)]"',
  hv: '"%HV"',
  sslv: '"%sslv"',
  sslc: '"%sslc"',
  alpn: '"%[ssl_fc_alpn]"',
  resumed: '"%[ssl_fc_is_resumed]"',
  sni: '"%[ssl_fc_sni,json(utf8s)]"',
  rtt: '"%[fc_rtt(us)]"',
  retrans: '"%[fc_retrans]"',
  sslerr: '"%[ssl_fc_err_str,json(utf8s)]"',
  fcerr: '"%[fc_err_str,json(utf8s)]"',
  bcerr: '"%[bc_err_str,json(utf8s)]"',
};

const logFormat = (kind: string): string =>
  `'{${Object.entries({ ...LOG_FIELDS, k: `"${kind}"` })
    .map(([field, value]) => `"${field}":${value}`)
    .join(',')}}'`;

/** For the `global` section. */
export const haproxyLogTarget = (syslogPort: number): string =>
  `log 127.0.0.1:${syslogPort} len ${LOG_BYTES} format raw local0 info`;

/**
 * For each frontend that is to be seen; needs `log global` and `mode http`. All "connection" rules come before the
 * "session" rules, or HAProxy warns.
 */
export const HAPROXY_FRONTEND_LINES = `\
  tcp-request connection set-var(sess.hw_acc) date(0,us)
  tcp-request connection set-var(sess.n) int(0)
  tcp-request session set-var(sess.hw_ssn) date(0,us)
  http-request set-var(txn.hw_req) date(0,us)
  http-request set-var(txn.url) pathq
  http-request set-var(txn.host) req.hdr(host)
  http-request set-var(sess.n) var(sess.n),add(1)
  http-request set-var(txn.n) var(sess.n)
  acl tp_ok req.hdr(traceparent) -m reg ^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$
  http-request set-var(txn.tp_in) req.hdr(traceparent)
  http-request set-var-fmt(txn.span) "%[uuid(4),regsub(-,,g),bytes(16,16)]"
  http-request set-var-fmt(txn.tp_out) "%[req.hdr(traceparent),bytes(0,36)]%[var(txn.span)]-%[req.hdr(traceparent),bytes(53,2)]" if tp_ok
  http-request set-var-fmt(txn.tp_out) "00-%[uuid(4),regsub(-,,g)]-%[var(txn.span)]-01" if !tp_ok
  http-request set-header traceparent "%[var(txn.tp_out)]"
  http-response set-var(txn.hw_rsp) date(0,us)
  http-after-response set-var(txn.hw_rsp) date(0,us) if !{ var(txn.hw_rsp) -m found }
  log-format ${logFormat('haproxy')}
  error-log-format ${logFormat('haproxy-err')}
`;
