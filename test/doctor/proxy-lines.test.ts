/**
 * The lines that `headwater doctor --config` prints, fed to the real programs: each accepts them, and what it then
 * logs is read without a warning. Envoy runs where HEADWATER_ENVOY names one or it is installed.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findProgram } from '../../probe/program-path.ts';
import { startCollector } from '../../src/collect/collector.ts';
import { caddyEnvironment } from '../../src/doctor/caddy-lines.ts';
import { CONFIG_LINES } from '../../src/doctor/config-lines.ts';
import { readProxyLog } from '../../src/import/proxy-log.ts';
import { MemorySink } from '../collect/memory-sink.ts';
import { caddyStage, envoyLogPath, envoyStage, haproxyStage, nginxStage } from '../fixtures/proxy-configs.ts';
import {
  findEnvoy,
  findTracingCaddy,
  openStage,
  type Stage,
  settled,
  TRACE,
  traceparent,
} from '../fixtures/proxy-stage.ts';

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

interface Program {
  readonly name: string;
  readonly path: string | undefined;
  readonly config: (stage: Stage) => string;
  /** How the program checks a configuration, and how it runs with it. */
  readonly check: (file: string) => readonly string[];
  readonly run: (file: string) => readonly string[];
  readonly log?: (stage: Stage) => string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'haproxy',
    path: findProgram('haproxy'),
    config: haproxyStage,
    check: (file) => ['-c', '-f', file],
    run: (file) => ['-db', '-f', file],
  },
  {
    name: 'nginx',
    path: findProgram('nginx'),
    config: nginxStage,
    check: (file) => ['-t', '-q', '-c', file],
    run: (file) => ['-c', file],
  },
  {
    name: 'caddy',
    path: findProgram('caddy'),
    config: (on) => caddyStage(on, 'log'),
    check: (file) => ['validate', '--config', file, '--adapter', 'caddyfile'],
    run: (file) => ['run', '--config', file, '--adapter', 'caddyfile'],
  },
  {
    name: 'envoy',
    path: findEnvoy(),
    config: envoyStage,
    check: (file) => ['--mode', 'validate', '--config-yaml', readFileSync(file, 'utf8')],
    run: (file) => [
      ...['--config-yaml', readFileSync(file, 'utf8'), '--concurrency', '1', '-l', 'error'],
      ...['--use-dynamic-base-id', '--file-flush-interval-msec', '100'],
    ],
    log: (on) => readFileSync(envoyLogPath(on), { encoding: 'utf8', flag: 'a+' }),
  },
];

async function ask({ curl, plain, tls }: Stage): Promise<void> {
  await curl('--http2', '-H', traceparent(1), `https://127.0.0.1:${tls}/ok?ms=20`);
  await curl('-H', traceparent(2), `http://127.0.0.1:${plain}/down`);
}

describe.each(PROGRAMS)('$name', ({ name, path, config, check, run, log }) => {
  it.skipIf(!path)(`${name} is installed: takes the lines, and tells of each request`, async () => {
    stage = await openStage();
    const file = join(stage.dir, 'proxy.conf');
    writeFileSync(file, config(stage));
    execFileSync(path!, check(file), { stdio: 'pipe' });
    await stage.play(path!, run(file));
    await ask(stage);
    await settled(stage.lines[0] ?? [], log ? 0 : 2);
    for (let tries = 0; log && tries < 100 && log(stage).split('\n').length < 3; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const { spans, warnings } = readProxyLog(log ? log(stage) : (stage.lines[0] ?? []).join('\n'));
    expect(warnings.filter(({ code }) => !code.endsWith('.notice'))).toEqual([]);
    const proxies = spans.filter((span) => span.attributes['headwater.type'] === 'proxy');
    expect(proxies.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual([
      [TRACE, '0000000000000001'],
      [TRACE, '0000000000000002'],
    ]);
    const [answered, refused] = proxies;
    const server = spans.find((span) => span.parentSpanId === answered?.spanId && span.name === 'server');
    expect(Number(server!.endUnixNano - server!.startUnixNano)).toBeGreaterThan(15e6);
    expect(refused?.attributes['http.response.status_code']).toBeGreaterThanOrEqual(502);
  });
});

describe('Caddy by OTLP', () => {
  const caddy = findTracingCaddy();
  it.skipIf(!caddy)('HEADWATER_CADDY has the tracing directive: its spans arrive', async () => {
    const sink = new MemorySink();
    const collector = await startCollector({ sink, otlpHttpPort: 0, otlpGrpcPort: 0 });
    try {
      stage = await openStage();
      const file = join(stage.dir, 'Caddyfile');
      writeFileSync(file, caddyStage(stage, 'tracing'));
      const args = ['run', '--config', file, '--adapter', 'caddyfile'];
      await stage.play(caddy!, args, caddyEnvironment(collector.ports.otlpGrpc));
      await ask(stage);
      await settled(sink.spans, 2);
      expect(sink.spans.map((span) => span.parentSpanId)).toContain('0000000000000001');
    } finally {
      await collector.stop();
    }
  });
});

describe('what is printed', () => {
  const squeezed = (text: string) => text.replace(/\s+/g, ' ');
  /** Lines with a port or a path of their own are left out: those differ on the stage. */
  const linesOf = (server: string) =>
    (CONFIG_LINES[server] ?? '')
      .split('\n')
      .filter((line) => line.trim() && !/^#|5140|4317|\/var\/log|OTEL_/.test(line))
      .map(squeezed);

  it.each([
    ['haproxy', (on: Stage) => haproxyStage(on)],
    ['nginx', (on: Stage) => nginxStage(on)],
    ['envoy', (on: Stage) => envoyStage(on)],
    ['caddy', (on: Stage) => caddyStage(on, 'log') + caddyStage(on, 'tracing')],
  ] as const)('%s: every line is one that the stage ran', (server, config) => {
    const nowhere = {
      ...{ dir: '/d', cert: '/c', key: '/k', pem: '/p', tls: 1, plain: 2, app: 3, dead: 4 },
      syslog: [5],
    };
    const tested = squeezed(config(nowhere as unknown as Stage));
    expect(linesOf(server).length).toBeGreaterThan(2);
    for (const line of linesOf(server)) expect(tested).toContain(line.trim());
  });
});
