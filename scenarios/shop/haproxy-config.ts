/** HAProxy's configuration for the shop. What makes it talk are the lines that `headwater doctor` gives to everybody. */
import { join } from 'node:path';
import { HAPROXY_FRONTEND_LINES, haproxyLogTarget } from '../../src/doctor/haproxy-lines.ts';
import type { RunningPool } from './pools.ts';
import type { ProxyConfig } from './proxy-config.ts';

/** Where an occupier looks how many requests are queued. */
export const adminSocket = (dir: string): string => join(dir, 'admin.sock');

/** The whole configuration file. */
export const haproxyConfig = ({ pools = [], ...options }: Omit<ProxyConfig, 'key'>): string => `
global
  nbthread 1
  maxconn 2000
  ${haproxyLogTarget(options.syslogPort)}
  stats socket ${adminSocket(options.dir)} mode 600 level user
  ssl-default-bind-options ssl-min-ver TLSv1.3
${options.tls?.resumes === false ? '  tune.ssl.cachesize 0\n' : ''}defaults
  mode http
  log global
  option http-keep-alive
  option dontlognull
  option redispatch 1
  retries 2
  retry-on conn-failure
  timeout connect 2s
  timeout client 60s
  timeout server ${options.settings?.serverTimeoutMs ?? 30_000}
  timeout queue 5s
  timeout http-request 10s
  timeout http-keep-alive ${options.settings?.keepAliveMs ?? 60_000}
frontend shop
  bind 127.0.0.1:${options.tlsPort}${bindWords(options)} alpn h2,http/1.1
${HAPROXY_FRONTEND_LINES}${pools.map(choice).join('')}  default_backend web
frontend people
  bind 127.0.0.1:${options.plainPort}
${HAPROXY_FRONTEND_LINES}${pools.map(choice).join('')}  default_backend web
backend web
  balance roundrobin
${options.backends.map(({ name, port }) => `  server ${name} 127.0.0.1:${port} maxconn 100`).join('\n')}
${pools.map(backend).join('')}`;

const bindWords = ({ isRelayed, certificate, tls = {} }: Omit<ProxyConfig, 'key'>): string =>
  [
    isRelayed && 'accept-proxy',
    `ssl crt ${certificate}`,
    tls.groups && `curves ${tls.groups}`,
    tls.resumes === false && 'no-tls-tickets',
  ]
    .filter(Boolean)
    .map((words) => ` ${words}`)
    .join('');

const choice = ({ name, path }: RunningPool): string => `  use_backend ${name} if { path_beg ${path} }\n`;

const backend = ({ name, lines, servers }: RunningPool): string => `backend ${name}
${lines.map((line) => `  ${line}\n`).join('')}${servers.map((server) => `  server ${server.name} 127.0.0.1:${server.port} ${server.words}\n`).join('')}`;
