/** Where a command listens for what servers say while it runs, and whom it asks. */
import { type Command, Option } from 'commander';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { collect, collectAddress, port } from './options.ts';
import { tracesFrom } from './traces-from.ts';

/** Also whom it asks. */
export const addReceiving = (command: Command, viewer = 'where a headwater serve may be up'): Command =>
  addListening(command, viewer)
    .option(
      '--traces-from <address>',
      'fetch the servers’ spans from this Jaeger, Tempo or Zipkin (repeatable)',
      tracesFrom,
    )
    .option('--agent <address>', 'ask this headwater agent what its host saw (repeatable)', collectAddress);

export const addListening = (command: Command, viewer: string): Command =>
  command
    .option('-p, --port <port>', viewer, port, DEFAULT_VIEWER_PORT)
    .option('--otlp-port <port>', 'receive OTLP/HTTP on', port, 4318)
    .option('--grpc-port <port>', 'receive OTLP/gRPC on', port, 4317)
    .option('--syslog-port <port>', "receive load balancers' logs on (UDP)", port, 5140)
    .option('--zipkin-port <port>', 'receive Zipkin v2 JSON on, when it is free', port, 9411)
    .option('--jaeger-port <port>', "receive Jaeger's Thrift over HTTP on, when it is free", port, 14268)
    .option(
      '--log <file>',
      "follow a server's log: PostgreSQL jsonlog, MariaDB slow log, … (repeatable)",
      collect,
    )
    .addOption(new Option('--postgres-log <file>', 'the same').argParser(collect).hideHelp());
