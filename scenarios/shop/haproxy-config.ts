/** HAProxy's configuration for the shop. What makes it talk are the lines that `headwater doctor` gives to everybody. */
import { HAPROXY_FRONTEND_LINES, haproxyLogTarget } from '../../src/doctor/haproxy-lines.ts';
import type { ProxyConfig } from './proxy-config.ts';

/** The whole configuration file. */
export const haproxyConfig = (options: Omit<ProxyConfig, 'key' | 'dir'>): string => `
global
  nbthread 1
  maxconn 2000
  ${haproxyLogTarget(options.syslogPort)}
  ssl-default-bind-options ssl-min-ver TLSv1.3
defaults
  mode http
  log global
  option http-keep-alive
  option dontlognull
  option redispatch 1
  retries 2
  retry-on conn-failure
  timeout connect 2s
  timeout client 60s
  timeout server 30s
  timeout queue 5s
  timeout http-request 10s
  timeout http-keep-alive 60s
frontend shop
  bind 127.0.0.1:${options.tlsPort} ssl crt ${options.certificate} alpn h2,http/1.1
${HAPROXY_FRONTEND_LINES}  default_backend web
frontend people
  bind 127.0.0.1:${options.plainPort}
${HAPROXY_FRONTEND_LINES}  default_backend web
backend web
  balance roundrobin
${options.backends.map(({ name, port }) => `  server ${name} 127.0.0.1:${port} maxconn 100`).join('\n')}
`;
