/** `headwater doctor --target URL`: one visit to a site, what of it could be seen, and the lines that reveal more. */
import { CONFIG_LINES } from '../doctor/config-lines.ts';
import { type TargetConnection, type TargetFacts, targetFacts } from '../doctor/target.ts';
import type { Coverage, RunView } from '../model/report.ts';
import { formatDuration } from '../model/time.ts';
import { loadJourney } from '../run/load-journey.ts';
import { observe } from '../run/observe.ts';
import { openStore } from '../store/sqlite.ts';
import { print, sayStarting, stdoutColours } from './console.ts';
import type { DnsMode } from './dns-option.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { SCENARIOS_DIR } from './package-root.ts';
import { probeOptions } from './probe-options.ts';
import { isServing } from './receivers.ts';
import { receive } from './run.ts';
import { renderCoverage } from './terminal/report.ts';
import { EXIT, withExitCode } from './user-error.ts';

export interface TargetOptions {
  readonly target: string;
  readonly dns: DnsMode;
  readonly pin?: readonly string[];
  readonly timeout: number;
  readonly settle: number;
  readonly json?: boolean;
  readonly port: number;
}

export async function examineTarget(options: TargetOptions): Promise<void> {
  const { target, json } = options;
  const view = await visit(options);
  const facts = targetFacts(view, target);
  const dark = nextDark(view.report.coverage);
  if (json)
    print(JSON.stringify({ target, ...facts, coverage: view.report.coverage, lines: linesFor(dark) }));
  else print(renderTarget(view, facts, dark));
  if (view.report.status === 'failed') process.exitCode = EXIT.failed;
}

async function visit(options: TargetOptions): Promise<RunView> {
  const { target, settle, port } = options;
  const { journey, baseUrl = target } = await withExitCode(EXIT.usage, () =>
    loadJourney(target, SCENARIOS_DIR, async () => ({})),
  );
  const interrupt = onInterrupt();
  const view = await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    const collector = await receive(store, STANDARD_PORTS, await isServing(port));
    if (collector) later(() => collector.stop());
    sayStarting(
      'target',
      `visiting ${target}, then waiting ${formatDuration(settle * 1e6)} for its servers' reports`,
    );
    return withExitCode(EXIT.environment, () =>
      observe({
        journey,
        probe: probeOptions({ ...options, baseUrl }, interrupt.signal, () => undefined),
        store,
        settle: {
          quietMs: Math.min(1_000, settle),
          atLeastMs: settle,
          atMostMs: settle * 2,
          signal: interrupt.signal,
          ...(collector && { flush: () => collector.flush() }),
        },
      }),
    );
  });
  interrupt.release();
  return view;
}

const STANDARD_PORTS = {
  otlpPort: 4318,
  grpcPort: 4317,
  syslogPort: 5140,
  zipkinPort: 9411,
  jaegerPort: 14268,
};

/** Towards the database, the first layer that stayed dark and whose lines are known. */
const nextDark = (coverage: readonly Coverage[]): Coverage | undefined =>
  coverage.find(({ config }) => config !== undefined && Object.hasOwn(CONFIG_LINES, config));

const linesFor = (dark: Coverage | undefined): string | undefined =>
  dark?.config === undefined ? undefined : CONFIG_LINES[dark.config];

function renderTarget(view: RunView, facts: TargetFacts, dark: Coverage | undefined): string {
  const { bold, dim } = stdoutColours;
  const { report } = view;
  const kept = dim(`The visit is kept: headwater show ${report.traceId.slice(0, 8)}`);
  if (report.status === 'failed') {
    const { sentence, next } = report.verdict;
    return `\n${stdoutColours.red('✖')} ${sentence}\n  Next: ${next}\n\n${kept}\n`;
  }
  const sections = [
    renderAnswer(facts),
    facts.connections.length
      ? [bold('Connections'), ...facts.connections.map(connectionLine)].join('\n')
      : '',
    `${bold('What could be seen')}\n${renderCoverage(report, stdoutColours)}`,
    dark ? `${bold(`To see the next layer, ${dark.config}:`)}\n\n${linesFor(dark)}` : 'Every layer was seen.',
    kept,
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}

function renderAnswer({ address, status, serverName, requests, hosts }: TargetFacts): string {
  const who = serverName ? ` by ${serverName}` : '';
  const others = hosts.length > 1 ? `, ${hosts.length - 1} other host${hosts.length > 2 ? 's' : ''}` : '';
  return `${stdoutColours.bold(address)} answered ${status ?? 'without a status'}${who}; ${requests} request${requests === 1 ? '' : 's'}${others}.`;
}

function connectionLine({ host, peer, dnsNs, tcpNs, tlsNs, tls, protocol }: TargetConnection): string {
  const parts = [
    dnsNs !== undefined && `DNS ${formatDuration(dnsNs)}`,
    `TCP ${formatDuration(tcpNs)}`,
    tlsNs !== undefined && `TLS ${formatDuration(tlsNs)}${tls ? ` (${tls})` : ''}`,
    protocol,
  ];
  return `  ${host}${peer ? ` at ${peer}` : ''}: ${parts.filter(Boolean).join(' · ')}`;
}
