/** The load balancer in front of the shop: HAProxy, or the embedded stand-in where there is none. */
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findProgram } from '../../probe/program-path.ts';
import type { ShopCertificate } from './certificate.ts';
import { freePort } from './free-port.ts';
import { type HaproxyOptions, haproxyConfig } from './haproxy-config.ts';
import { notReady, type Part, type PartSite, startNodePart, startPart } from './part.ts';

export interface RunningProxy {
  readonly kind: 'haproxy' | 'embedded';
  readonly part: Part;
  readonly tlsPort: number;
  /** Plain HTTP, for a person's browser. */
  readonly plainPort: number;
}

export interface ProxyRequest {
  readonly kind: 'haproxy' | 'embedded' | 'auto';
  readonly certificate: ShopCertificate;
  readonly syslogPort: number;
  readonly backends: HaproxyOptions['backends'];
  /** Its folder also takes configuration and certificate. */
  readonly site: PartSite;
}

export const HAPROXY_HINT =
  'Get the real one with `apt-get install haproxy` (macOS: `brew install haproxy`).';
/** Another program can take a free port before HAProxy binds it. */
const PORT_TRIES = 5;

export function startProxy(request: ProxyRequest): Promise<RunningProxy> {
  const program = request.kind === 'embedded' ? undefined : findProgram('haproxy');
  if (program) return startHaproxy(program, request);
  if (request.kind === 'haproxy')
    throw new Error(`HAProxy was asked for but is not installed. ${HAPROXY_HINT}`);
  return startEmbedded(request);
}

async function startHaproxy(program: string, request: ProxyRequest): Promise<RunningProxy> {
  const certificate = join(request.site.dir, 'shop.pem');
  const { cert, ca, key } = request.certificate;
  await writeFile(certificate, cert + ca + key, { mode: 0o600 });
  for (let tries = 1; ; tries++) {
    const [tlsPort, plainPort] = [await freePort(), await freePort()];
    const config = join(request.site.dir, 'haproxy.cfg');
    await writeFile(config, haproxyConfig({ ...request, tlsPort, plainPort, certificate }));
    const part = await startPart(
      { name: 'haproxy', command: program, args: ['-db', '-f', config] },
      request.site,
    );
    const how = await Promise.race([part.ended, accepting(plainPort)]);
    if (how === 'accepting') return { kind: 'haproxy', part, tlsPort, plainPort };
    if (tries >= PORT_TRIES) throw notReady(part, how);
  }
}

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
        SHOP_TLS_CERT: certificate.cert + certificate.ca,
        SHOP_SYSLOG_PORT: String(syslogPort),
        SHOP_BACKENDS: JSON.stringify(backends),
      },
    },
    request.site,
  );
  return { kind: 'embedded', part, ...ready };
}
