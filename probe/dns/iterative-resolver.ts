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
import dnsPacket, { type Answer, type DecodedPacket, type RecordType, type StringAnswer } from 'dns-packet';
import { addressesOf, normalName, questionOf, RCODE, respond, sameName } from './dns-message.ts';
import { ATTEMPT_TIMEOUTS_MS, type Resolver, type ResolverOptions } from './forward-resolver.ts';
import { askServer, type NameServer } from './upstream-query.ts';

/** Longer chains of aliases, referrals or name servers' names are loops. */
const MAX_STEPS = 24;
const MAX_DEPTH = 4;
const EDNS_PAYLOAD_BYTES = 1_232;

interface Search {
  /** What the browser asked for. */
  readonly askedFor: string;
  /** How many searches for name servers' names we are inside of. */
  readonly depth: number;
}
interface Found {
  readonly rcode: number;
  readonly answers: readonly Answer[];
}
const FAILED: Found = { rcode: RCODE.serverFailure, answers: [] };

export function iterativeResolver(roots: readonly NameServer[], options: ResolverOptions): Resolver {
  const walk = new Walk(roots, options);
  return async (query) => {
    const { name, type } = questionOf(query);
    const { rcode, answers } = await walk.find(normalName(name), type, { askedFor: name, depth: 0 });
    return respond(query, rcode, answers);
  };
}

class Walk {
  private readonly serversByZone = new Map<string, readonly NameServer[]>();
  private readonly options: ResolverOptions;

  constructor(roots: readonly NameServer[], options: ResolverOptions) {
    this.options = options;
    this.serversByZone.set('', roots);
  }

  /** Follows referrals and aliases until there is an answer, an error, or no way on. */
  async find(name: string, type: RecordType, search: Search): Promise<Found> {
    const aliases: Answer[] = [];
    let target = name;
    for (let step = 0; step < MAX_STEPS && search.depth <= MAX_DEPTH; step++) {
      const zone = this.closestZone(target);
      const response = await this.askZone(zone, target, type, search.askedFor);
      if (!response) return FAILED;
      const answers = response.answers ?? [];
      const alias = answers.findLast((answer) => answer.type === 'CNAME');
      if (answers.some((answer) => answer.type === type)) return found(response, [...aliases, ...answers]);
      if (alias?.type === 'CNAME') {
        aliases.push(...answers);
        target = normalName(alias.data);
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
      if (this.serversByZone.has(zone)) return zone;
    }
    return '';
  }

  /** Asks the zone's servers in turn, each with the first time limit, then each with the next. */
  private async askZone(
    zone: string,
    name: string,
    type: RecordType,
    askedFor: string,
  ): Promise<DecodedPacket | undefined> {
    const message = encodeQuestion(name, type);
    let attempt = 0;
    for (const timeoutMs of this.options.timeoutsMs ?? ATTEMPT_TIMEOUTS_MS) {
      for (const server of this.serversByZone.get(zone) ?? []) {
        const context = { ...this.options, attempt: ++attempt, timeoutMs, askedFor, zone: `${zone}.` };
        const response = await askServer(message, server, context);
        const packet = response && dnsPacket.decode(response);
        if (packet && isUsable(packet)) return packet;
      }
    }
    return undefined;
  }

  /** True when the response sends us to a zone below `zone` and a server of it could be found. */
  private async learnReferral(response: DecodedPacket, zone: string, search: Search): Promise<boolean> {
    const referrals = (response.authorities ?? []).filter(isNameServer);
    const child = normalName(referrals[0]?.name ?? '');
    if (referrals.length === 0 || child === zone || !(zone === '' || child.endsWith(`.${zone}`)))
      return false;
    const port = this.serversByZone.get('')?.[0]?.port ?? 53;
    const servers: NameServer[] = [];
    for (const referral of referrals) {
      for (const address of glueOf(response, referral.data))
        servers.push({ name: referral.data, address, port });
    }
    // Without glue, the first server's own name has to be looked up.
    const glueless = referrals[0];
    if (servers.length === 0 && glueless) {
      const { answers } = await this.find(normalName(glueless.data), 'A', {
        ...search,
        depth: search.depth + 1,
      });
      for (const address of addressesOf(answers)) servers.push({ name: glueless.data, address, port });
    }
    if (servers.length > 0) this.serversByZone.set(child, servers);
    return servers.length > 0;
  }
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

const isNameServer = (record: Answer): record is StringAnswer => record.type === 'NS';
const rcodeOf = (packet: DecodedPacket): number => (packet.flags ?? 0) & 0xf;

/** A refusal or a failure is this server's trouble, not the name's: ask the next one. */
const isUsable = (packet: DecodedPacket): boolean =>
  rcodeOf(packet) === RCODE.noError || rcodeOf(packet) === RCODE.nameError;

const found = (response: DecodedPacket, answers: readonly Answer[]): Found => ({
  rcode: rcodeOf(response),
  answers,
});

const glueOf = (response: DecodedPacket, name: string): string[] =>
  addressesOf((response.additionals ?? []).filter((record) => sameName(record.name, name)));
