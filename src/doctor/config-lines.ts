/** Configuration that makes a server speak: the lines of docs/sources.md, to be pasted. */
import {
  CADDY_SITE_LOG_LINES,
  CADDY_SITE_TRACING_LINES,
  caddyEnvironment,
  caddyLogLines,
} from './caddy-lines.ts';
import { envoyAccessLog } from './envoy-lines.ts';
import { HAPROXY_FRONTEND_LINES, haproxyLogTarget } from './haproxy-lines.ts';
import { mariadbLines } from './mariadb-lines.ts';
import { NGINX_SERVER_LINES, nginxHttpLines } from './nginx-lines.ts';
import { POSTGRESQL_LINES } from './postgresql-lines.ts';

const HAPROXY = `# haproxy.cfg (tried on HAProxy 2.6). global:
  ${haproxyLogTarget(5140)}
# each frontend (mode http, log global):
${HAPROXY_FRONTEND_LINES}`;

const NGINX = `# nginx.conf (tried on nginx 1.22). http:
${nginxHttpLines(5140)}# each server that proxies; a location with a proxy_set_header of its own needs this line once more:
${NGINX_SERVER_LINES}`;

const ENVOY = `# envoy.yaml (tried on Envoy 1.40), typed_config of the HttpConnectionManager; then: headwater serve --log FILE
${envoyAccessLog('/var/log/envoy/headwater.json')}`;

const CADDY = `# Caddyfile. With the tracing directive (caddy list-modules | grep tracing; tried on Caddy 2.8), in each site:
${CADDY_SITE_TRACING_LINES}# and in Caddy's environment:
${Object.entries(caddyEnvironment(4317))
  .map(([name, value]) => `${name}=${value}`)
  .join('\n')}

# Without it (Debian's package; tried on Caddy 2.6), in the global options { }:
${caddyLogLines(5140)}# and in each site:
${CADDY_SITE_LOG_LINES}`;

const POSTGRESQL = `# postgresql.conf (tried on PostgreSQL 15 and 18); then: headwater serve --log FILE.json
${POSTGRESQL_LINES}
# and in the client: sqlcommenter comments, e.g. PgInstrumentation({ addSqlCommenterCommentToQueries: true })
`;

const MARIADB = `# my.cnf (tried on MariaDB 10.11); then: headwater serve --log /var/log/mysql/slow.log
[mariadb]
${mariadbLines('/var/log/mysql/slow.log')}
# and in the client: sqlcommenter comments, e.g. MySQL2Instrumentation({ addSqlCommenterCommentToQueries: true })
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
  mariadb: MARIADB,
  opentelemetry: OPENTELEMETRY,
};
