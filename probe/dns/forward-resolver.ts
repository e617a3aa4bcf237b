/** Hands the browser's questions to recursive name servers: the system's own, or named ones. */
import { getServers } from 'node:dns';
import type { UnixClock } from '../unix-clock.ts';
import { questionOf, RCODE, respond } from './dns-message.ts';
import type { DnsQuery, Follows, NameServer } from './dns-query.ts';
import { askServer, reasonToAskAgain } from './upstream-query.ts';

/** Answers a DNS message with a DNS message of the same id. Never rejects: the worst answer is SERVFAIL. */
export type Resolver = (query: Buffer) => Promise<Buffer>;

export interface ResolverOptions {
  readonly clock: UnixClock;
  /** Called for every upstream try, when it has ended. */
  readonly record: (query: DnsQuery) => void;
  /** How long each try waits, in turn; Chromium's own resolver also starts at one second. */
  readonly timeoutsMs?: readonly number[];
}

export const ATTEMPT_TIMEOUTS_MS: readonly number[] = [1_000, 2_000];
const DNS_PORT = 53;

/**
 * Each server with the first time limit, then each with the next, as the systems' own resolvers do. A failure
 * (SERVFAIL, REFUSED) is passed on only when nobody knows better.
 */
export function forwardResolver(servers: readonly NameServer[], options: ResolverOptions): Resolver {
  const timeoutsMs = options.timeoutsMs ?? ATTEMPT_TIMEOUTS_MS;
  return async (query) => {
    const askedFor = questionOf(query).name;
    let attempt = 0;
    let follows: Follows | undefined;
    let failure: Buffer | undefined;
    for (const timeoutMs of timeoutsMs) {
      for (const server of servers) {
        const context = { ...options, attempt: ++attempt, timeoutMs, askedFor, follows };
        const outcome = await askServer(query, server, context);
        const why = reasonToAskAgain(outcome.query);
        if (outcome.response && why === undefined) return outcome.response;
        failure = outcome.response ?? failure;
        follows = { id: outcome.query.id, why: why ?? 'no answer' };
      }
    }
    return failure ?? respond(query, RCODE.serverFailure);
  };
}

/** `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]:5353`; throws on anything else. */
export function parseNameServer(text: string): NameServer {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([0-9.]+)|([0-9a-f]*:[0-9a-f:.%]+))(?::(\d{1,5}))?$/i.exec(
    text.trim(),
  );
  const address = match?.[1] ?? match?.[2] ?? match?.[3];
  if (!address)
    throw new Error(`"${text}" is not the address of a name server; write 192.0.2.53 or 192.0.2.53:5353.`);
  return { name: address, address, port: match?.[4] ? Number(match[4]) : DNS_PORT };
}

/** The name servers that this machine is set up with. */
export const systemNameServers = (): NameServer[] => getServers().map(parseNameServer);
