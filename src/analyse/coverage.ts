/** Which layers were visible in a run, by which source, and which configuration would reveal the others. */
import { LAYERS, type Layer } from '../model/layer.ts';
import type { Coverage } from '../model/report.ts';
import { pageRequestsOf } from './causes/page-requests.ts';
import { type Tree, textAt } from './tree.ts';

const SOURCE_NAME: Readonly<Record<string, string>> = {
  agent: 'host agent',
  alb: 'AWS ALB log',
  caddy: 'Caddy log',
  cdp: 'Chrome DevTools Protocol',
  envoy: 'Envoy log',
  haproxy: 'HAProxy log',
  har: 'HAR file',
  jaeger: 'Jaeger',
  mariadb: 'MariaDB slow log',
  netlog: 'Chromium NetLog',
  nginx: 'nginx log',
  otlp: 'OTLP',
  page: "the page's own timeline",
  playwright: 'Playwright calls',
  postgresql: 'PostgreSQL log',
  resolver: "the probe's resolver",
  stitch: 'inferred from both ends',
  trace: 'Chrome trace events',
  zipkin: 'Zipkin',
};

/** Sources that tell what an instrumented program did: of a database they know the caller's side only. */
const PROGRAMS: ReadonlySet<string> = new Set(['otlp', 'zipkin', 'jaeger']);

const HINT: Readonly<Partial<Record<Layer, string>>> = {
  dns: 'No name was looked up, or DNS was left to the system: run with --dns forward to time every upstream query.',
  tcp: 'No new connection was made in this run.',
  tls: 'No TLS handshake was seen: plain HTTP, or only reused connections.',
  network: 'No request left the browser.',
  service: "Send the services' traces here: headwater doctor --config opentelemetry prints the variables.",
};

/** Of a browser whose NetLog was not taken, nobody knows that there was none. */
const UNWATCHED =
  "Not watched: without the browser's NetLog only the request that opened a connection tells of it.";
const BELOW_REQUESTS: ReadonlySet<Layer> = new Set(['dns', 'tcp', 'tls']);

/** What a server calls itself → the configuration that makes it speak. Checked in this order. */
const PROXY_BY_NAME: readonly (readonly [name: RegExp, config: string])[] = [
  [/envoy/i, 'envoy'],
  [/nginx|openresty|tengine/i, 'nginx'],
  [/caddy/i, 'caddy'],
];
/** HAProxy does not say its name. */
const SILENT_PROXY = 'haproxy';
/** A load balancer that nobody can make speak live: its log is read afterwards. */
const LOG_ONLY = /^awselb/i;

const DATABASE_CONFIG: Readonly<Record<string, string>> = {
  postgresql: 'postgresql',
  mysql: 'mariadb',
  mariadb: 'mariadb',
};

export function coverageOf(tree: Tree): Coverage[] {
  const sourcesByLayer = tree.list.sourcesByLayer();
  const known = new Set([...sourcesByLayer.values()].flatMap((sources) => [...sources]));
  const isBlind = known.has('cdp') && !known.has('netlog');
  return LAYERS.filter((layer) => layer !== 'unknown' && layer !== 'think').map((layer) => {
    const sources = [...(sourcesByLayer.get(layer) ?? [])];
    const names = sources.map((source) => SOURCE_NAME[source] ?? source).sort();
    const isDark = layer === 'db' ? !sources.some((source) => !PROGRAMS.has(source)) : sources.length === 0;
    return { layer, sources: names, ...(isDark && hintFor(layer, tree, isBlind)) };
  });
}

function hintFor(layer: Layer, tree: Tree, isBlind: boolean): Pick<Coverage, 'hint' | 'config'> {
  if (isBlind && BELOW_REQUESTS.has(layer)) return { hint: UNWATCHED };
  if (layer === 'lb') return proxyHint(tree);
  if (layer === 'db') return databaseHint(tree);
  return { hint: HINT[layer], ...(layer === 'service' && { config: 'opentelemetry' }) };
}

function proxyHint(tree: Tree): Pick<Coverage, 'hint' | 'config'> {
  const name = ownServerName(tree);
  if (name && LOG_ONLY.test(name))
    return { hint: `${name} answered: import its access log afterwards with headwater import FILE.` };
  const config = PROXY_BY_NAME.find(([pattern]) => name && pattern.test(name))?.[1] ?? SILENT_PROXY;
  const who = name ? `${name} answered. ` : '';
  return {
    hint: `${who}Let the load balancer send its log here: headwater doctor --config ${config} prints the lines.`,
    config,
  };
}

/** What the journey's own site called itself, most often. */
function ownServerName(tree: Tree): string | undefined {
  const times = new Map<string, number>();
  for (const span of pageRequestsOf(tree).own) {
    const said = span.attributes['http.response.header.server'];
    const name = Array.isArray(said) ? String(said[0]) : undefined;
    if (name) times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...times].sort((a, b) => b[1] - a[1])[0]?.[0];
}

/** A database seen only by its clients is half seen. */
function databaseHint(tree: Tree): Pick<Coverage, 'hint' | 'config'> {
  const systems = new Set<string>();
  for (const { attributes } of tree.spans) {
    const system = textAt(attributes, 'db.system.name') ?? textAt(attributes, 'db.system');
    if (system !== undefined) systems.add(system);
  }
  const known = [...systems].find((system) => Object.hasOwn(DATABASE_CONFIG, system));
  const seen = systems.size > 0;
  if (seen && !known)
    return {
      hint: `Only the callers of ${[...systems].join(', ')} were seen; what it did itself cannot be read yet.`,
    };
  const config = DATABASE_CONFIG[known ?? 'postgresql'] ?? 'postgresql';
  const first = seen ? '' : 'Instrument the database client; ';
  return {
    hint: `${first}${seen ? 'What' : 'what'} the server did: headwater doctor --config ${config} prints the lines.`,
    config,
  };
}
