/** Configuration that makes a server speak: the lines of docs/sources.md, to be pasted. */
import { HAPROXY_FRONTEND_LINES, haproxyLogTarget } from './haproxy-lines.ts';

const HAPROXY = `# haproxy.cfg (tried on HAProxy 2.6). global:
  ${haproxyLogTarget(5140)}
# each frontend (mode http, log global):
${HAPROXY_FRONTEND_LINES}`;

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
  postgresql: POSTGRESQL,
  opentelemetry: OPENTELEMETRY,
};
