/** Where time is spent. The order is the way the water flows, and the order of legends. */
export const LAYERS = [
  'browser',
  'dns',
  'tcp',
  'tls',
  'network',
  'lb',
  'service',
  'db',
  'think',
  'unknown',
] as const;
export type Layer = (typeof LAYERS)[number];

const LAYER_BY_NAME: ReadonlyMap<unknown, Layer> = new Map(LAYERS.map((layer) => [layer, layer]));
/** Ours, not the string that was read: one string for a word is compared by where it lies, not letter by letter. */
export const layerNamed = (value: unknown): Layer | undefined =>
  value === undefined ? undefined : LAYER_BY_NAME.get(value);
export const isLayer = (value: unknown): value is Layer => layerNamed(value) !== undefined;

/** What a person calls a layer. */
export const LAYER_NAME: Readonly<Record<Layer, string>> = {
  browser: 'browser',
  dns: 'DNS',
  tcp: 'TCP',
  tls: 'TLS',
  network: 'network',
  lb: 'load balancer',
  service: 'services',
  db: 'database',
  think: 'think time',
  unknown: 'unknown',
};

/** How a span or a piece of time is known. Measured beats logged beats inferred. */
export const EVIDENCE = ['measured', 'logged', 'inferred'] as const;
export type Evidence = (typeof EVIDENCE)[number];

/** A dotted code that starts with its layer: `dns.slow_upstream`, `db.seq_scan`. */
export type Cause = string;
