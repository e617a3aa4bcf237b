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

export const isLayer = (value: unknown): value is Layer => LAYERS.includes(value as Layer);

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
