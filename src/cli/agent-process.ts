/** An agent in a process of its own, for a command that wants its own host watched. It ends with its starter. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-root.ts';

export interface AgentProcess {
  readonly url: string;
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 3_000;

/** @returns undefined when it does not come up: a run is worth something without it */
export async function startAgentProcess(): Promise<AgentProcess | undefined> {
  // Loopback and no token, whatever the environment says of other agents.
  const { HEADWATER_AGENT_TOKEN: _token, ...env } = process.env;
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin/headwater.mjs'), 'agent', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true, // Ctrl-C is for the starter, which ends its parts in order
    env,
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async () => {
    if (child.connected) child.disconnect();
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(overdue);
  };
  let limit: NodeJS.Timeout | undefined;
  const url = await Promise.race([
    new Promise<string>((resolve) =>
      child.once('message', (message) => resolve((message as { url: string }).url)),
    ),
    gone.then(() => undefined),
    new Promise<undefined>((resolve) => {
      limit = setTimeout(() => resolve(undefined), READY_LIMIT_MS);
    }),
  ]);
  clearTimeout(limit);
  if (url !== undefined) return { url, stop };
  await stop();
  return undefined;
}
