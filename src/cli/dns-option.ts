/** `--dns system`, `--dns forward`, `--dns forward=192.0.2.53,192.0.2.54:5353`, `--dns iterative=ROOT` for private roots */
import { InvalidArgumentError } from 'commander';
import { parseNameServer } from '../../probe/dns/forward-resolver.ts';
import type { ProbeOptions } from '../../probe/run-journey.ts';

export type DnsMode = NonNullable<ProbeOptions['dns']>;

export function dnsMode(text: string): DnsMode {
  if (text === 'system') return { mode: 'system' };
  if (text === 'forward') return { mode: 'forward' };
  const servers = /^forward=(.+)$/.exec(text)?.[1]?.split(',').filter(Boolean);
  if (servers && servers.length > 0) return { mode: 'forward', servers };
  const roots = /^iterative=(.+)$/.exec(text)?.[1]?.split(',').filter(Boolean);
  if (roots && roots.length > 0) return { mode: 'iterative', roots: roots.map(rootServer) };
  throw new InvalidArgumentError(
    'Give system, forward, forward=SERVER[,SERVER] or iterative=ROOT[,ROOT], with IP addresses.',
  );
}

function rootServer(text: string): ReturnType<typeof parseNameServer> {
  try {
    return parseNameServer(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
