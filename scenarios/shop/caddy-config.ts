/**
 * Caddy's configuration for the shop. What makes it talk are the lines that `headwater doctor` gives to everybody:
 * OTLP where this Caddy has the `tracing` directive, else its log.
 */
import {
  CADDY_SITE_LOG_LINES,
  CADDY_SITE_TRACING_LINES,
  caddyLogLines,
} from '../../src/doctor/caddy-lines.ts';
import type { ProxyConfig } from './proxy-config.ts';

/** The whole Caddyfile. Without HTTP/3, which a browser would try beside the connection that is looked at. */
export const caddyConfig = (config: ProxyConfig, speaksOtlp: boolean): string => `
{
	admin off
	auto_https off
${speaksOtlp ? '' : caddyLogLines(config.syslogPort)}	log default {
		output stderr
		level ERROR
	}
	servers {
		protocols h1 h2
	}
}
${site(`https://:${config.tlsPort}`, `	tls ${config.certificate} ${config.key} {\n		protocols tls1.3\n	}\n`, config, speaksOtlp)}
${site(`http://:${config.plainPort}`, '', config, speaksOtlp)}`;

const site = (address: string, tls: string, { backends }: ProxyConfig, speaksOtlp: boolean): string => `\
${address} {
	bind 127.0.0.1
${tls}${speaksOtlp ? CADDY_SITE_TRACING_LINES : CADDY_SITE_LOG_LINES}
	reverse_proxy ${backends.map(({ port }) => `127.0.0.1:${port}`).join(' ')} {
		lb_policy round_robin
		lb_try_duration 2s
		fail_duration 10s
	}
}
`;
