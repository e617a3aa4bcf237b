/** `headwater doctor --target URL`: one visit to a site, what of it could be seen, and the lines that reveal more. */
import { isIP } from 'node:net';
import { parseNameServer } from '../../probe/dns/forward-resolver.ts';
import { CONFIG_LINES } from '../doctor/config-lines.ts';
import { type TargetConnection, type TargetFacts, targetFacts } from '../doctor/target.ts';
import { type ColdHop, type ColdLookup, coldLookup } from '../doctor/target-dns.ts';
import type { Coverage, RunView } from '../model/report.ts';
import { formatDuration, nanosFromMs } from '../model/time.ts';
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
import { plain, toWidth } from './terminal/colour.ts';
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
  /** Where a cold look-up begins; the public roots when missing. */
  readonly dnsRoot?: readonly string[];
}

export async function examineTarget(options: TargetOptions): Promise<void> {
  const { target, json } = options;
  const view = await visit(options);
  const facts = targetFacts(view, target);
  const dark = nextDark(view.report.coverage);
  const lookups = view.report.status === 'failed' ? [] : await lookUpCold(facts.hosts, options.dnsRoot);
  const { coverage } = view.report;
  if (json) print(JSON.stringify({ target, ...facts, lookups, coverage, lines: linesFor(dark) }));
  else print(renderTarget(view, facts, lookups, dark));
  if (view.report.status === 'failed') process.exitCode = EXIT.failed;
}

/** Each name costs some look-ups of servers that others own. */
const MAX_COLD_NAMES = 5;

/** A second look-up of each name with nothing remembered, for its way from the roots. Addresses need none. */
async function lookUpCold(hosts: readonly string[], roots: readonly string[] = []): Promise<ColdLookup[]> {
  const names = hosts.filter(
    (host) => isIP(host.replace(/^\[|\]$/g, '')) === 0 && !/(^|\.)localhost$/.test(host),
  );
  const options = roots.length > 0 ? { roots: roots.map(parseNameServer) } : {};
  const lookups: ColdLookup[] = [];
  for (const name of names.slice(0, MAX_COLD_NAMES)) {
    sayStarting('DNS', `looking ${name} up from the roots`);
    lookups.push(await withExitCode(EXIT.usage, () => coldLookup(name, options)));
  }
  return lookups;
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

function renderTarget(
  view: RunView,
  facts: TargetFacts,
  lookups: readonly ColdLookup[],
  dark: Coverage | undefined,
): string {
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
    ...lookups.map(renderLookup),
    `${bold('What could be seen')}\n${renderCoverage(report, stdoutColours)}`,
    dark ? `${bold(`To see the next layer, ${dark.config}:`)}\n\n${linesFor(dark)}` : 'Every layer was seen.',
    kept,
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}

function renderAnswer({ address, status, serverName, namesTraces, requests, hosts }: TargetFacts): string {
  const who = serverName ? ` by ${serverName}` : '';
  const others = hosts.length > 1 ? `, ${hosts.length - 1} other host${hosts.length > 2 ? 's' : ''}` : '';
  const named = namesTraces
    ? '\nIts answers name their traces: a HAR of it joins what its servers told.'
    : '';
  return `${stdoutColours.bold(address)} answered ${status ?? 'without a status'}${who}; ${requests} request${requests === 1 ? '' : 's'}${others}.${named}`;
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

/** ```
 * The way to shop.example, cold: 192.0.2.7 after 43 ms
 *   .              12 ms  a.root-servers.net: refers to example.
 * ``` */
function renderLookup({ name, rcode, addresses, totalMs, hops }: ColdLookup): string {
  const { bold, dim } = stdoutColours;
  const answer = addresses.length > 0 ? addresses.slice(0, 3).join(', ') : rcode;
  const title = `${bold(`The way to ${plain(name)}, cold:`)} ${answer} after ${formatDuration(nanosFromMs(totalMs))}`;
  const isSilent = hops.length > 0 && hops.every((hop) => hop.failure !== undefined);
  const advice = isSilent
    ? dim('\n  No server answered: is DNS to other servers than your own closed here?')
    : '';
  return `${[title, ...hops.map(hopLine)].join('\n')}${advice}`;
}

function hopLine(hop: ColdHop): string {
  const { zone, server, transport, name, ms, failure, rcode, referral, isTruncated } = hop;
  const told =
    failure ||
    (isTruncated && 'cut off, asked again over TCP') ||
    (referral && `refers to ${referral}`) ||
    [...hop.aliases, ...hop.addresses].join(', ') ||
    rcode ||
    '';
  const took = formatDuration(nanosFromMs(ms)).padStart(9);
  const who = `${plain(server.name)}${transport === 'tcp' ? ' (TCP)' : ''}`;
  return `  ${toWidth(zone ?? name, 20)} ${took}  ${who}: ${failure ? stdoutColours.red(plain(told)) : plain(told)}`;
}
