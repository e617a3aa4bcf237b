/** The load balancer in front of the shop: HAProxy, nginx or Caddy, or the embedded stand-in where there is none. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../probe/program-path.ts';
import { caddyEnvironment } from '../../src/doctor/caddy-lines.ts';
import { caddyConfig } from './caddy-config.ts';
import type { ShopCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';
import { haproxyConfig } from './haproxy-config.ts';
import { nginxConfig } from './nginx-config.ts';
import { notReady, type Part, type PartSite, startNodePart, startPart } from './part.ts';
import type { ProxyConfig } from './proxy-config.ts';

export const REAL_PROXIES = ['haproxy', 'nginx', 'caddy'] as const;
export type RealProxy = (typeof REAL_PROXIES)[number];
export type ProxyKind = RealProxy | 'embedded';

export interface RunningProxy {
  readonly kind: ProxyKind;
  readonly part: Part;
  readonly tlsPort: number;
  /** Plain HTTP, for a person's browser. */
  readonly plainPort: number;
}

export interface ProxyRequest {
  /** `auto`: HAProxy when found, else the embedded stand-in. */
  readonly kind: ProxyKind | 'auto';
  readonly certificate: ShopCertificate;
  readonly syslogPort: number;
  /** Takes OTLP by gRPC from a proxy that speaks it. */
  readonly otlpGrpcPort?: number | undefined;
  readonly backends: ProxyConfig['backends'];
  readonly isRelayed?: boolean;
  readonly tls?: ProxyConfig['tls'];
  readonly settings?: ProxyConfig['settings'];
  readonly pools?: ProxyConfig['pools'];
  /** Its folder also takes configuration and certificate. */
  readonly site: PartSite;
}

const NAME: Readonly<Record<RealProxy, string>> = { haproxy: 'HAProxy', nginx: 'nginx', caddy: 'Caddy' };

export const installHint = (kind: RealProxy): string =>
  `Get the real one with \`apt-get install ${kind}\` (macOS: \`brew install ${kind}\`).`;
/** Another program can take a free port before the proxy binds it. */
const PORT_TRIES = 5;

export function startProxy(request: ProxyRequest): Promise<RunningProxy> {
  const kind = request.kind === 'auto' ? 'haproxy' : request.kind;
  const program = kind === 'embedded' ? undefined : findProgram(kind);
  if (request.pools?.length && !(kind === 'haproxy' && program)) throw new Error(needsHaproxy(kind));
  if (kind === 'embedded') return startEmbedded(request);
  if (program) return startReal(kind, program, request);
  if (request.kind !== 'auto')
    throw new Error(`${NAME[kind]} was asked for but is not installed. ${installHint(kind)}`);
  return startEmbedded(request);
}

const needsHaproxy = (kind: ProxyKind): string =>
  `This fault is made by HAProxy, ${kind === 'haproxy' ? `which is not installed. ${installHint('haproxy')}` : `not by ${kind}: choose --proxy haproxy.`}`;

async function startReal(kind: RealProxy, program: string, request: ProxyRequest): Promise<RunningProxy> {
  const { dir } = request.site;
  const [certificate, key] = [join(dir, 'shop.pem'), join(dir, 'shop.key')];
  const made = request.certificate;
  await writeFile(certificate, made.cert + made.ballast + made.ca + made.key, { mode: 0o600 });
  await writeFile(key, made.key, { mode: 0o600 });
  const prepare = await COMMANDS[kind](program, request);
  for (let tries = 1; ; tries++) {
    const [tlsPort, plainPort] = [await freePort(), await freePort()];
    const { syslogPort, backends, isRelayed = false, tls = {}, settings, pools = [] } = request;
    const { config, args, env } = prepare(
      {
        ...{ tlsPort, plainPort, certificate, key, dir, syslogPort, backends, isRelayed, tls, pools },
        ...(settings ? { settings } : {}),
      },
      join(dir, `${kind}.conf`),
    );
    await writeFile(join(dir, `${kind}.conf`), config);
    const part = await startPart(
      { name: kind, command: program, args, ...(env ? { env } : {}) },
      request.site,
    );
    const how = await Promise.race([part.ended, accepting(plainPort)]);
    if (how === 'accepting') return { kind, part, tlsPort, plainPort };
    if (tries >= PORT_TRIES) throw notReady(part, how);
  }
}

interface Prepared {
  readonly config: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}
type Prepare = (config: ProxyConfig, file: string) => Prepared;

/** How each is run in the foreground, with its configuration in a file. */
const COMMANDS: Readonly<Record<RealProxy, (program: string, request: ProxyRequest) => Promise<Prepare>>> = {
  haproxy: async () => (config, file) => ({ config: haproxyConfig(config), args: ['-db', '-f', file] }),
  nginx: async () => (config, file) => ({ config: nginxConfig(config), args: ['-c', file] }),
  caddy: async (program, { otlpGrpcPort, site }) => {
    const port = otlpGrpcPort && (await hasTracing(program)) ? otlpGrpcPort : undefined;
    return (config, file) => ({
      config: caddyConfig(config, port !== undefined),
      args: ['run', '--config', file, '--adapter', 'caddyfile'],
      // what Caddy keeps between runs stays in the shop's folder
      env: { XDG_DATA_HOME: site.dir, XDG_CONFIG_HOME: site.dir, ...(port ? caddyEnvironment(port) : {}) },
    });
  },
};

/** Debian builds Caddy without the `tracing` directive. */
const hasTracing = async (program: string): Promise<boolean> =>
  (await promisify(execFile)(program, ['list-modules'])).stdout.includes('http.handlers.tracing');

const CONNECT_RETRY_MS = 10;

/** Resolves when something takes connections on the port. */
async function accepting(port: number): Promise<'accepting'> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (await canConnect(port)) return 'accepting';
    await new Promise((resolve) => setTimeout(resolve, CONNECT_RETRY_MS));
  }
  throw new Error(`Nothing listens on 127.0.0.1:${port}.`);
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (can: boolean) => {
      socket.destroy();
      resolve(can);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function startEmbedded(request: ProxyRequest): Promise<RunningProxy> {
  const { certificate, syslogPort, backends } = request;
  const { part, ready } = await startNodePart<{ tlsPort: number; plainPort: number }>(
    {
      name: 'embedded-proxy',
      module: 'embedded-proxy',
      env: {
        SHOP_TLS_KEY: certificate.key,
        SHOP_TLS_CERT: certificate.cert + certificate.ballast + certificate.ca,
        SHOP_SYSLOG_PORT: String(syslogPort),
        SHOP_BACKENDS: JSON.stringify(backends),
      },
    },
    request.site,
  );
  return { kind: 'embedded', part, ...ready };
}
