/**
 * What Caddy's configuration needs so that each request is told. Two ways: the `tracing` directive, which speaks OTLP
 * (official builds; tried on 2.8), and the JSON log for builds that lack the directive (Debian's; tried on 2.6).
 * The demo shop runs exactly these lines, the log where `caddy list-modules` does not name `http.handlers.tracing`.
 */

/** For the global options block. DEBUG is for the reverse proxy's logger: it tells each try at a server. */
export const caddyLogLines = (syslogPort: number): string => `\
	log headwater {
		output net udp/127.0.0.1:${syslogPort}
		format json
		level DEBUG
		include http.log.access http.handlers.reverse_proxy
	}
`;

/** For each site that is told by the log. */
export const CADDY_SITE_LOG_LINES = `\
	log
`;

/** For each site that is told by OTLP, before its reverse_proxy. */
export const CADDY_SITE_TRACING_LINES = `\
	tracing {
		span "{http.request.method} {http.request.uri.path}"
	}
`;

/** Caddy's environment, for OTLP by gRPC. The default delay of 5 s would make each run wait for it. */
export const caddyEnvironment = (otlpGrpcPort: number): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlpGrpcPort}`,
  OTEL_EXPORTER_OTLP_INSECURE: 'true',
  OTEL_BSP_SCHEDULE_DELAY: '500',
});
