/**
 * What nginx's configuration needs so that each request is told with its trace context and its tries. Tried on 1.22.
 * The demo shop runs exactly these lines.
 *
 * ```
 * msec − rt            sent                                            msec
 *    |----- receive -----|-- try 1 (failed) --|--- connect|server|transfer --|
 * ```
 * nginx has no directive that stamps an instant; but the value of a `map` is computed when it is first asked for and
 * then kept. `$hw_sent` is first asked for by `proxy_set_header`, when the request has come in and goes to a server.
 * The proxy takes a span id from its own request id and hands it on, so that the service's span hangs under it.
 */

/** Field → nginx's variable. All are quoted, so that an empty one is still JSON. */
const LOG_FIELDS: Readonly<Record<string, string>> = {
  k: 'nginx',
  msec: '$msec',
  rt: '$request_time',
  sent: '$hw_sent',
  uct: '$upstream_connect_time',
  uht: '$upstream_header_time',
  urt: '$upstream_response_time',
  ua: '$upstream_addr',
  us: '$upstream_status',
  up: '$proxy_host',
  st: '$status',
  done: '$request_completion',
  conn: '$connection',
  creq: '$connection_requests',
  ctime: '$connection_time',
  ci: '$remote_addr',
  cp: '$remote_port',
  rtt: '$tcpinfo_rtt',
  m: '$request_method',
  host: '$host',
  p: '$request_uri',
  hv: '$server_protocol',
  srv: '$server_name',
  bi: '$request_length',
  bo: '$bytes_sent',
  sslv: '$ssl_protocol',
  sslc: '$ssl_cipher',
  sslr: '$ssl_session_reused',
  alpn: '$ssl_alpn_protocol',
  sni: '$ssl_server_name',
  tp_in: '$http_traceparent',
  tp_out: '00-$hw_trace-$hw_span-$hw_flags',
  rid: '$request_id',
};

const LOG_FORMAT = `log_format headwater escape=json '{${Object.entries(LOG_FIELDS)
  .map(([field, value]) => `"${field}":"${value}"`)
  .join(',')}}';`;

/** For the `http` block. */
export const nginxHttpLines = (syslogPort: number): string => `\
  map $request_id $hw_sent { default $msec; }
  map $http_traceparent $hw_trace { "~^00-(?<hw_t>[0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$" $hw_t; default $request_id; }
  map "$hw_sent $http_traceparent" $hw_flags { "~ 00-[0-9a-f]{32}-[0-9a-f]{16}-(?<hw_f>[0-9a-f]{2})$" $hw_f; default 01; }
  map $request_id $hw_span { "~(?<hw_s>[0-9a-f]{16})$" $hw_s; }
  ${LOG_FORMAT}
  access_log syslog:server=127.0.0.1:${syslogPort},facility=local0,tag=nginx,severity=info headwater;
`;

/** For each `server`; a location with a proxy_set_header of its own needs it once more. */
export const NGINX_SERVER_LINES = `\
    proxy_set_header traceparent "00-$hw_trace-$hw_span-$hw_flags";
`;
