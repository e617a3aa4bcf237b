/** `headwater serve`: collector, API and viewer, on loopback, until Ctrl-C. */
import { type Command, Option } from 'commander';
import { goalsIn } from '../config/goals.ts';
import type { GoalsOf } from '../model/goals.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/server.ts';
import { openStore } from '../store/sqlite.ts';
import { applyConfig, readConfig } from './configured.ts';
import { say } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { collect, port } from './options.ts';
import { type ServingOptions, startKeeping, startServing } from './serving.ts';
import { EXIT, withExitCode } from './user-error.ts';

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('receive what servers say, and draw the runs; on loopback, until Ctrl-C')
    .option('-p, --port <port>', 'viewer and API', port, DEFAULT_VIEWER_PORT)
    .option('--otlp-port <port>', 'OTLP/HTTP', port, 4318)
    .option('--grpc-port <port>', 'OTLP/gRPC', port, 4317)
    .option('--syslog-port <port>', "load balancers' logs (UDP)", port, 5140)
    .option('--zipkin-port <port>', 'Zipkin v2 JSON, when the port is free', port, 9411)
    .option('--jaeger-port <port>', "Jaeger's Thrift over HTTP, when the port is free", port, 14268)
    .option(
      '--log <file>',
      "follow a server's log: PostgreSQL jsonlog, MariaDB slow log, … (repeatable)",
      collect,
    )
    .addOption(new Option('--postgres-log <file>', 'the same').argParser(collect).hideHelp())
    .addHelpText(
      'after',
      '\nExamples:\n  headwater serve\n  headwater serve --log /var/lib/postgresql/15/main/log/postgresql.json',
    )
    .hook('preAction', (_program, command) => applyConfig(command))
    .action(serve);
}

async function serve(options: ServingOptions): Promise<void> {
  const config = await readConfig();
  const goals: GoalsOf = (journey) => goalsIn(config.journeys, journey);
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const store = await withExitCode(EXIT.environment, () => openStore());
    later(() => store.close());
    await startServing(store, options, later, { goals });
    startKeeping(store, config, later);
    say('Ctrl-C ends it.');
    await interrupt.asked;
  });
  interrupt.release();
}
