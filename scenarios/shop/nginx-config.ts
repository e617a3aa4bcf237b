/** nginx's configuration for the shop. What makes it talk are the lines that `headwater doctor` gives to everybody. */
import { NGINX_SERVER_LINES, nginxHttpLines } from '../../src/doctor/nginx-lines.ts';
import type { ProxyConfig } from './proxy-config.ts';
import type { TlsSettings } from './settings.ts';

/** What nginx would otherwise write to the system's folders. */
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/** The whole configuration file. One process, in the foreground, so that ending it ends all of it. */
export const nginxConfig = ({
  dir,
  tlsPort,
  plainPort,
  certificate,
  key,
  syslogPort,
  backends,
  tls = {},
  settings,
}: ProxyConfig) => `
daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
${TEMPORARY.map((kind) => `  ${kind}_temp_path ${dir}/nginx-${kind};`).join('\n')}
${nginxHttpLines(syslogPort)}
  keepalive_timeout ${settings?.keepAliveMs ?? 60_000}ms;
  keepalive_requests 10000;
  proxy_http_version 1.1;
  proxy_connect_timeout 2s;
  proxy_read_timeout ${settings?.serverTimeoutMs ?? 30_000}ms;
  proxy_next_upstream error timeout;
  upstream web {
${backends.map(({ port }) => `    server 127.0.0.1:${port};`).join('\n')}
    keepalive 64;
  }
  server {
    listen 127.0.0.1:${plainPort};
    listen 127.0.0.1:${tlsPort} ssl http2;
    server_name shop;
    ssl_certificate ${certificate};
    ssl_certificate_key ${key};
    ssl_protocols TLSv1.3;
${sessionLines(tls)}${tls.groups ? `    ssl_ecdh_curve ${tls.groups};\n` : ''}    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
${NGINX_SERVER_LINES}
    location / { proxy_pass http://web; }
  }
}
`;

const sessionLines = ({ resumes = true }: TlsSettings): string =>
  resumes
    ? '    ssl_session_cache shared:shop:1m;\n'
    : '    ssl_session_cache off;\n    ssl_session_tickets off;\n';
