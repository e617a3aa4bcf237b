/** Starts the guard (guard.ts) that cleans up when this process cannot. */
import { spawn } from 'node:child_process';
import { nodeCommand } from './part.ts';

export interface Guard {
  readonly watch: (pid: number) => void;
  /** The shop has stopped in order. Resolves when the guard is gone too. */
  readonly release: () => Promise<void>;
}

export function startGuard(folder: string): Guard {
  const { command, args } = nodeCommand('guard', [folder]);
  // In a session of its own: a signal to the terminal's processes must not end it before its work is done.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  return {
    watch: (pid) => {
      if (child.connected) child.send(pid, () => {});
    },
    release: () => {
      if (child.connected) child.disconnect();
      return ended;
    },
  };
}
