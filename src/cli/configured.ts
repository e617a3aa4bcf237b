/** Puts the values of `headwater.config.ts` where the command line said nothing. */
import type { Command } from 'commander';
import { tsImport } from 'tsx/esm/api';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { dnsMode } from './dns-option.ts';
import { EXIT, messageOf, UserError, withExitCode } from './user-error.ts';

/** TypeScript and JavaScript modules of the user's. */
export const loadModule = (url: string): Promise<Record<string, unknown>> => tsImport(url, import.meta.url);

/** What the folder's configuration says; nothing when there is none. */
export const readConfig = (): Promise<Config> =>
  withExitCode(EXIT.usage, () => loadConfig(process.cwd(), loadModule));

export const applyConfig = async (command: Command): Promise<void> => setFrom(command, await readConfig());

/**
 * Again with what the file says now: what it says no longer is as if it never had.
 * @throws Error with a sentence; then nothing was changed
 */
export function setFrom(command: Command, config: Config): void {
  for (const [name, value] of Object.entries(optionValues(config))) {
    const option = command.options.find((known) => known.attributeName() === name);
    const source = command.getOptionValueSource(name);
    if (!option || (source !== undefined && source !== 'default' && source !== 'config')) continue;
    if (value !== undefined) command.setOptionValueWithSource(name, value, 'config');
    else if (source === 'config') command.setOptionValueWithSource(name, option.defaultValue, 'default');
  }
}

/** By the names that the commands' options have. */
const optionValues = (config: Config): Record<string, unknown> => ({
  url: config.url,
  dns: config.dns === undefined ? undefined : dnsIn(config.dns),
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

/** Commander says itself what is wrong with what was typed; of a file's content nobody would. */
function dnsIn(text: string): ReturnType<typeof dnsMode> {
  try {
    return dnsMode(text);
  } catch (error) {
    throw new UserError(`headwater.config.ts is not usable: dns: ${messageOf(error)}`, EXIT.usage);
  }
}
