/** Which layers were visible in a run, by which source, and what would reveal the others. */
import { LAYERS, type Layer } from '../model/layer.ts';
import type { Coverage } from '../model/report.ts';
import type { Span } from '../model/trace.ts';

const SOURCE_NAME: Readonly<Record<string, string>> = {
  cdp: 'Chrome DevTools Protocol',
  trace: 'Chrome trace events',
  netlog: 'Chromium NetLog',
  playwright: 'Playwright calls',
  resolver: "the probe's resolver",
  otlp: 'OTLP',
  haproxy: 'HAProxy log',
  postgresql: 'PostgreSQL auto_explain',
  stitch: 'inferred from both ends',
};

const HINT: Readonly<Partial<Record<Layer, string>>> = {
  dns: 'No name was looked up, or DNS was left to the system: run with --dns forward to time every upstream query.',
  tcp: 'No new connection was made in this run.',
  tls: 'No TLS handshake was seen: plain HTTP, or only reused connections.',
  network: 'No request left the browser.',
  lb: 'Let the load balancer send its log here: headwater doctor --config haproxy prints the lines.',
  service: "Send the services' traces here: headwater doctor --config opentelemetry prints the variables.",
  db: 'Instrument the database client; for what the server did, headwater doctor --config postgresql prints the lines.',
};

export function coverageOf(spans: readonly Span[]): Coverage[] {
  return LAYERS.filter((layer) => layer !== 'unknown' && layer !== 'think').map((layer) => {
    const sources = new Set<string>();
    for (const span of spans) if (span.layer === layer) sources.add(SOURCE_NAME[span.source] ?? span.source);
    const seen = [...sources].sort();
    if (layer === 'db') return databaseCoverage(seen);
    return seen.length > 0 ? { layer, sources: seen } : { layer, sources: seen, hint: HINT[layer] };
  });
}

/** A database seen only by its clients is half seen. */
function databaseCoverage(sources: readonly string[]): Coverage {
  const serverSide = sources.some((source) => source !== SOURCE_NAME.otlp);
  return serverSide ? { layer: 'db', sources } : { layer: 'db', sources, hint: HINT.db };
}
