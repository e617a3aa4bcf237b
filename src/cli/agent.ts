/** `headwater agent`: tells runs what this host's kernel saw while they were on; in between it does nothing. */
import { hostname } from 'node:os';
import type { Command } from 'commander';
import { DEFAULT_AGENT_PORT, startAgent } from '../agent/agent-server.ts';
import { say, sayDone } from './console.ts';
import { onInterrupt, withCleanup } from './interrupt.ts';
import { port } from './options.ts';
import { EXIT, withExitCode } from './user-error.ts';

interface AgentCommandOptions {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly name: string;
}

const EXAMPLES = `
Examples:
  headwater agent                                         on this machine, for runs on this machine
  HEADWATER_AGENT_TOKEN=… headwater agent --host 0.0.0.0  for runs elsewhere, which need the same token
  headwater run https://your.site/ --agent http://127.0.0.1:4320

It reads /proc and asks ss (package iproute2). It needs no root, opens nothing of your programs, and samples only while a run is on.`;

export function addAgent(command: Command): void {
  command
    .option('-p, --port <port>', 'where to listen', port, DEFAULT_AGENT_PORT)
    .option('--host <address>', 'address to listen on; other than loopback needs a token', '127.0.0.1')
    .option('--token <token>', 'who asks must know it (better: HEADWATER_AGENT_TOKEN)')
    .option('--name <name>', "what to call this host (default: the machine's name)", hostname())
    .addHelpText('after', EXAMPLES)
    .action(agent);
}

async function agent(options: AgentCommandOptions): Promise<void> {
  const interrupt = onInterrupt();
  await withCleanup(async (later) => {
    const token = options.token ?? process.env.HEADWATER_AGENT_TOKEN;
    const running = await withExitCode(
      token || options.host === '127.0.0.1' ? EXIT.environment : EXIT.usage,
      () =>
        startAgent({
          port: options.port,
          address: options.host,
          host: options.name,
          ...(token ? { token } : {}),
        }),
    );
    later(() => running.stop());
    if (process.platform !== 'linux')
      say('This system is not Linux: the agent can be asked, but it will see nothing.');
    sayDone('Agent', `${running.url}, as ${options.name}`);
    say('Ctrl-C ends it.');
    await Promise.race([interrupt.asked, starterGone(running.url)]);
  });
  interrupt.release();
}

/** A program that started this one over IPC is told the address; when it is gone, so is the agent. */
function starterGone(url: string): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) return;
    process.once('disconnect', () => resolve());
    process.send({ url });
  });
}
