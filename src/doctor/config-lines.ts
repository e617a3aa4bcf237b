/** Configuration that makes a server speak: the lines of docs/sources.md, to be pasted. */
import {
  CADDY_SITE_LOG_LINES,
  CADDY_SITE_TRACING_LINES,
  caddyEnvironment,
  caddyLogLines,
} from './caddy-lines.ts';
import { envoyAccessLog } from './envoy-lines.ts';
import { HAPROXY_FRONTEND_LINES, haproxyLogTarget } from './haproxy-lines.ts';
import { NGINX_SERVER_LINES, nginxHttpLines } from './nginx-lines.ts';

const HAPROXY = `# haproxy.cfg (tried on HAProxy 2.6). global:
  ${haproxyLogTarget(5140)}
# each frontend (mode http, log global):
${HAPROXY_FRONTEND_LINES}`;

const NGINX = `# nginx.conf (tried on nginx 1.22). http:
${nginxHttpLines(5140)}# each server that proxies; a location with a proxy_set_header of its own needs this line once more:
${NGINX_SERVER_LINES}`;

const ENVOY = `# envoy.yaml (tried on Envoy 1.40), typed_config of the HttpConnectionManager:
${envoyAccessLog('/var/log/envoy/headwater.json')}`;

const CADDY = `# Caddyfile. With the tracing directive (caddy list-modules | grep tracing; tried on Caddy 2.8), in each site:
${CADDY_SITE_TRACING_LINES}# and in Caddy's environment:
${Object.entries(caddyEnvironment(4317))
  .map(([name, value]) => `${name}=${value}`)
  .join('\n')}

# Without it (Debian's package; tried on Caddy 2.6), in the global options { }:
${caddyLogLines(5140)}# and in each site:
${CADDY_SITE_LOG_LINES}`;

const POSTGRESQL = `# postgresql.conf (tried on PostgreSQL 15 and 18); then: headwater serve --postgres-log FILE.json
shared_preload_libraries = 'auto_explain'
logging_collector = on
log_destination = 'jsonlog'
auto_explain.log_min_duration = 0        # ms; a threshold in production
auto_explain.log_format = 'json'
auto_explain.log_analyze = on
auto_explain.log_buffers = on
log_lock_waits = on
deadlock_timeout = '10ms'                # shorter waits are not told
# and in the client: sqlcommenter comments, e.g. PgInstrumentation({ addSqlCommenterCommentToQueries: true })
`;

const OPENTELEMETRY = `# environment of each service
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
OTEL_PROPAGATORS=tracecontext
OTEL_BSP_SCHEDULE_DELAY=500              # ms; the default of 5 000 makes each run wait for it
`;

export const CONFIG_LINES: Readonly<Record<string, string>> = {
  haproxy: HAPROXY,
  nginx: NGINX,
  envoy: ENVOY,
  caddy: CADDY,
  postgresql: POSTGRESQL,
  opentelemetry: OPENTELEMETRY,
};
