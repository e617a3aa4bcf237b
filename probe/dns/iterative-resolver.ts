/**
 * Walks from the roots to the server that knows, as a recursive resolver does (RFC 1034 §5.3.3), so that every step of
 * the way is seen:
 *
 * ```
 * root      |--|  referral: test.  NS ns.nic.test
 * TLD           |--|  referral: shop.test.  NS ns1.shop.test, ns2.shop.test
 * ns2               |---- timeout ----|
 * ns1                                  |--|  answer
 * ```
 * Referrals are remembered for the length of the run; answers are not, the browser caches those. Delegated servers
 * are asked at their root's port, so that a private hierarchy can live on a high one.
 */
import dnsPacket, { type Answer, type DecodedPacket, type RecordType } from 'dns-packet';
import {
  addressesOf,
  aliasesFrom,
  isNameServer,
  normalName,
  questionOf,
  RCODE,
  rcodeOf,
  respond,
  sameName,
} from './dns-message.ts';
import type { Follows, NameServer } from './dns-query.ts';
import { ATTEMPT_TIMEOUTS_MS, type Resolver, type ResolverOptions } from './forward-resolver.ts';
import { askServer, reasonToAskAgain } from './upstream-query.ts';

/** Longer chains of aliases, referrals or name servers' names are loops. */
const MAX_STEPS = 24;
const MAX_DEPTH = 4;
/** One question may cost so many tries in all, whatever the delegations say (as RFC 9520 §3 asks for). */
const MAX_TRIES = 100;
/** What fits one packet of the Internet's paths (https://www.dnsflagday.net/2020/). */
const EDNS_PAYLOAD_BYTES = 1_232;

interface Search {
  /** What the browser asked for. */
  readonly askedFor: string;
  /** How many searches for name servers' names we are inside of. */
  readonly depth: number;
  readonly forNameServer?: string;
  /** Shared by all searches for one question. */
  readonly budget: { triesLeft: number };
}
interface Found {
  readonly rcode: number;
  readonly answers: readonly Answer[];
}
interface Zone {
  readonly servers: readonly NameServer[];
  /** The question in whose course its servers were learnt. */
  readonly learntFor?: Search['budget'];
}
const FAILED: Found = { rcode: RCODE.serverFailure, answers: [] };

export function iterativeResolver(roots: readonly NameServer[], options: ResolverOptions): Resolver {
  const walk = new Walk(roots, options);
  return async (query) => {
    const { name, type } = questionOf(query);
    const search = { askedFor: name, depth: 0, budget: { triesLeft: MAX_TRIES } };
    const { rcode, answers } = await walk.find(normalName(name), type, search);
    return respond(query, rcode, answers);
  };
}

class Walk {
  private readonly zoneByName = new Map<string, Zone>();
  private readonly options: ResolverOptions;

  constructor(roots: readonly NameServer[], options: ResolverOptions) {
    this.options = options;
    this.zoneByName.set('', { servers: roots });
  }

  /** Follows referrals and aliases until there is an answer, an error, or no way on. */
  async find(name: string, type: RecordType, search: Search): Promise<Found> {
    const aliases: Answer[] = [];
    let target = name;
    let aliasDepth = 0;
    for (let step = 0; step < MAX_STEPS && search.depth <= MAX_DEPTH; step++) {
      const zone = this.closestZone(target);
      const response = await this.askZone(zone, target, type, search, aliasDepth);
      if (!response) return FAILED;
      const answers = response.answers ?? [];
      const chain = aliasesFrom(target, answers);
      if (answers.some((answer) => answer.type === type)) return found(response, [...aliases, ...answers]);
      if (chain.length > 0) {
        aliases.push(...answers);
        target = chain.at(-1) ?? target;
        aliasDepth += chain.length;
      } else if (!(await this.learnReferral(response, zone, search))) {
        return found(response, [...aliases, ...answers]);
      }
    }
    return FAILED;
  }

  private closestZone(name: string): string {
    const labels = name.split('.');
    for (let i = 0; i < labels.length; i++) {
      const zone = labels.slice(i).join('.');
      if (this.zoneByName.has(zone)) return zone;
    }
    return '';
  }

  /** Asks the zone's servers in turn, each with the first time limit, then each with the next. */
  private async askZone(
    zone: string,
    name: string,
    type: RecordType,
    { askedFor, forNameServer, budget }: Search,
    aliasDepth: number,
  ): Promise<DecodedPacket | undefined> {
    const message = encodeQuestion(name, type);
    const { servers = [], learntFor } = this.zoneByName.get(zone) ?? {};
    const zoneFromCache = learntFor !== undefined && learntFor !== budget;
    const isLame = (packet: DecodedPacket) => knowsNothingOf(zone, packet);
    let attempt = 0;
    let follows: Follows | undefined;
    for (const timeoutMs of this.options.timeoutsMs ?? ATTEMPT_TIMEOUTS_MS) {
      for (const server of servers) {
        if (budget.triesLeft-- <= 0) return undefined;
        const asked = { askedFor, forNameServer, aliasDepth, zone: `${zone}.`, zoneFromCache, isLame };
        const context = { ...this.options, ...asked, attempt: ++attempt, timeoutMs, follows };
        const { packet, query } = await askServer(message, server, context);
        const why = reasonToAskAgain(query);
        if (packet && why === undefined) return packet;
        follows = { id: query.id, why: why ?? 'no answer' };
      }
    }
    return undefined;
  }

  /** True when the response sends us to a zone below `zone` and a server of it could be found. */
  private async learnReferral(response: DecodedPacket, zone: string, search: Search): Promise<boolean> {
    const child = referredZone(zone, response);
    if (child === undefined) return false;
    const port = this.zoneByName.get('')?.servers[0]?.port ?? 53;
    const names = (response.authorities ?? []).filter(isNameServer).map((record) => record.data);
    const glue = (type: 'A' | 'AAAA') =>
      names.flatMap((name) => serversAt(name, port, glueOf(response, name, type)));
    let servers = [...glue('A'), ...glue('AAAA')];
    // Without glue, a server's own name has to be looked up first.
    for (const name of servers.length > 0 ? [] : names) {
      const inner = { ...search, depth: search.depth + 1, forNameServer: name };
      const { answers } = await this.find(normalName(name), 'A', inner);
      servers = serversAt(name, port, addressesOf(answers));
      if (servers.length > 0) break;
    }
    if (servers.length > 0) this.zoneByName.set(child, { servers, learntFor: search.budget });
    return servers.length > 0;
  }
}

const serversAt = (name: string, port: number, addresses: readonly string[]): NameServer[] =>
  addresses.map((address) => ({ name, address, port }));

/** The zone below `zone` that a response without an answer points at. */
function referredZone(zone: string, response: DecodedPacket): string | undefined {
  const child = normalName((response.authorities ?? []).find(isNameServer)?.name ?? '');
  return child !== '' && child !== zone && (zone === '' || child.endsWith(`.${zone}`)) ? child : undefined;
}

/** A server that neither answers for its zone, nor knows a part of it, nor says with authority that there is nothing. */
function knowsNothingOf(zone: string, packet: DecodedPacket): boolean {
  const isEmpty = (packet.answers ?? []).length === 0;
  return (
    rcodeOf(packet) === RCODE.noError &&
    isEmpty &&
    !packet.flag_aa &&
    referredZone(zone, packet) === undefined
  );
}

function encodeQuestion(name: string, type: RecordType): Buffer {
  const opt = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: EDNS_PAYLOAD_BYTES,
    flags: 0,
    options: [],
  } as unknown as Answer;
  return dnsPacket.encode({
    type: 'query',
    id: 0,
    flags: 0,
    questions: [{ type, name }],
    additionals: [opt],
  });
}

const found = (response: DecodedPacket, answers: readonly Answer[]): Found => ({
  rcode: rcodeOf(response),
  answers,
});

const glueOf = (response: DecodedPacket, name: string, type: 'A' | 'AAAA'): string[] =>
  addressesOf(
    (response.additionals ?? []).filter((record) => sameName(record.name, name)),
    type,
  );
