/** Puts the values of `headwater.config.ts` where the command line said nothing. */
import type { Command } from 'commander';
import { tsImport } from 'tsx/esm/api';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { dnsMode } from './dns-option.ts';
import { EXIT, withExitCode } from './user-error.ts';

/** TypeScript and JavaScript modules of the user's. */
export const loadModule = (url: string): Promise<Record<string, unknown>> => tsImport(url, import.meta.url);

export const readConfig = (): Promise<Config> =>
  withExitCode(EXIT.usage, () => loadConfig(process.cwd(), loadModule));

export async function applyConfig(command: Command): Promise<void> {
  const config = await readConfig();
  for (const [option, value] of Object.entries(optionValues(config))) {
    const isKnown = command.options.some((known) => known.attributeName() === option);
    const source = command.getOptionValueSource(option);
    if (value === undefined || !isKnown || (source !== undefined && source !== 'default')) continue;
    command.setOptionValueWithSource(option, value, 'config');
  }
}

/** By the names that the commands' options have. */
const optionValues = (config: Config): Record<string, unknown> => ({
  url: config.url,
  dns: config.dns === undefined ? undefined : dnsMode(config.dns),
  traceOrigin: config.traceOrigins,
  pin: config.pins,
  timeout: config.timeoutMs,
  settle: config.settleMs,
  otlpEndpoint: config.otlpEndpoint,
  jaegerEndpoint: config.jaegerEndpoint,
  port: config.ports?.viewer,
  otlpPort: config.ports?.otlpHttp,
  grpcPort: config.ports?.otlpGrpc,
  syslogPort: config.ports?.syslog,
  zipkinPort: config.ports?.zipkin,
  jaegerPort: config.ports?.jaeger,
  tracesFrom: config.tracesFrom,
  log: config.logs,
  postgresLog: config.postgresLogs,
  agent: config.agents,
});
