/** `--dns system`, `--dns forward`, `--dns forward=192.0.2.53,192.0.2.54:5353` */
import { InvalidArgumentError } from 'commander';
import type { ProbeOptions } from '../../probe/run-journey.ts';

export type DnsMode = NonNullable<ProbeOptions['dns']>;

export function dnsMode(text: string): DnsMode {
  if (text === 'system') return { mode: 'system' };
  if (text === 'forward') return { mode: 'forward' };
  const servers = /^forward=(.+)$/.exec(text)?.[1]?.split(',').filter(Boolean);
  if (servers && servers.length > 0) return { mode: 'forward', servers };
  throw new InvalidArgumentError('Give system, forward, or forward=SERVER[,SERVER] with IP addresses.');
}
