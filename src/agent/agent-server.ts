/** Puts the agent on a port: on loopback unless it was told to listen elsewhere, which needs a token. */
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createAgentApp } from './agent-app.ts';
import { Sampler, type SamplerOptions } from './sampler.ts';

export const DEFAULT_AGENT_PORT = 4320;
const LOOPBACK = '127.0.0.1';

export interface AgentOptions extends SamplerOptions {
  /** 0 takes any free port. Default 4320. */
  readonly port?: number;
  /** Address to listen on. Default 127.0.0.1. */
  readonly address?: string;
  readonly token?: string;
  /** As lanes and clocks will call this machine. */
  readonly host: string;
}

export interface RunningAgent {
  readonly url: string;
  readonly port: number;
  readonly sampler: Sampler;
  stop(): Promise<void>;
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|localhost$)/.test(address);

/** @throws Error with a sentence: the port cannot be had, or a token is missing */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { port: wanted = DEFAULT_AGENT_PORT, address = LOOPBACK, token, host } = options;
  if (!isLoopback(address) && !token)
    throw new Error(
      `To listen on ${address} the agent needs a token, so that not everybody can ask it: --token or HEADWATER_AGENT_TOKEN.`,
    );
  const sampler = new Sampler(options);
  const app = createAgentApp({ sampler, host, ...(token ? { token } : {}) });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(address, wanted, error)));
    server.listen(wanted, address, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  return {
    url,
    port,
    sampler,
    async stop() {
      await sampler.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}

function portError(address: string, port: number, { code, message }: NodeJS.ErrnoException): Error {
  const reason = code === 'EADDRINUSE' ? 'the port is in use' : code === 'EACCES' ? 'not permitted' : message;
  return new Error(
    `The agent cannot listen on ${address}:${port}: ${reason}. Choose another with --port (0 takes any free one).`,
  );
}
