/**
 * What an authoritative name server says to one question (RFC 1034 §4.3.2), for zones small enough to be a list.
 * Pure: a zone and a question in, the sections of the answer out.
 */
import type { Answer, StringAnswer } from 'dns-packet';

/** An address or alias of a zone. */
export type ZoneRecord = StringAnswer & { readonly type: 'A' | 'AAAA' | 'CNAME'; readonly ttl: number };

export interface NameServer {
  readonly name: string;
  readonly address: string;
}

export interface Delegation {
  readonly zone: string;
  /** In the order in which a resolver will try them; their addresses are given as glue. */
  readonly servers: readonly NameServer[];
}

export interface Zone {
  /** Lower case, no dot at the end; the root is the empty string. */
  readonly origin: string;
  readonly nameServer: string;
  readonly records: readonly ZoneRecord[];
  readonly delegations: readonly Delegation[];
}

export interface ZoneReply {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED';
  readonly authoritative: boolean;
  readonly answers: Answer[];
  readonly authorities: Answer[];
  readonly additionals: Answer[];
}

/** Delegations change rarely; a minute is short enough for a demo that restarts on other ports. */
const DELEGATION_TTL_S = 60;
/** How long "there is no such record" may be remembered (RFC 2308 §5). */
const NEGATIVE_TTL_S = 30;

const isWithin = (name: string, origin: string): boolean =>
  origin === '' || name === origin || name.endsWith(`.${origin}`);

/** The deepest of the zones that the name lies in. */
export function zoneOf(zones: readonly Zone[], name: string): Zone | undefined {
  const containing = zones.filter((zone) => isWithin(name, zone.origin));
  return containing.sort((a, b) => b.origin.length - a.origin.length)[0];
}

/** `name` in any case; `type` as dns-packet names it (`A`, `AAAA`, `UNKNOWN_65` for HTTPS). */
export function answerFrom(zones: readonly Zone[], name: string, type: string): ZoneReply {
  const wanted = name.toLowerCase();
  const zone = zoneOf(zones, wanted);
  if (!zone) return reply({ rcode: 'REFUSED', authoritative: false });
  const delegation = zone.delegations.find((d) => isWithin(wanted, d.zone));
  if (delegation) return referral(delegation);
  if (wanted === zone.origin && type === 'NS')
    return reply({ answers: [nsRecord(zone.origin, zone.nameServer)] });
  if (wanted === zone.origin && type === 'SOA') return reply({ answers: [soaRecord(zone)] });
  const answers = recordsOf(zone, wanted, type);
  if (answers.length > 0) return reply({ answers });
  return reply({ rcode: exists(zone, wanted) ? 'NOERROR' : 'NXDOMAIN', authorities: [soaRecord(zone)] });
}

const reply = (said: Partial<ZoneReply>): ZoneReply => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: [],
  authorities: [],
  additionals: [],
  ...said,
});

const referral = ({ zone, servers }: Delegation): ZoneReply =>
  reply({
    authoritative: false,
    authorities: servers.map(({ name }) => nsRecord(zone, name)),
    additionals: servers.map(({ name, address }) => ({
      name,
      type: 'A',
      ttl: DELEGATION_TTL_S,
      data: address,
    })),
  });

/** The records of a name, following aliases as far as they stay in the zone. */
function recordsOf(zone: Zone, name: string, type: string): ZoneRecord[] {
  const own = zone.records.filter((record) => record.name === name);
  const matching = own.filter((record) => record.type === type);
  const alias = own.find((record) => record.type === 'CNAME');
  if (matching.length > 0 || !alias) return matching;
  return [alias, ...recordsOf(zone, alias.data, type)];
}

/** A name exists when it or a name below it has a record (an empty non-terminal, RFC 8020). */
const exists = (zone: Zone, name: string): boolean =>
  name === zone.origin || zone.records.some((record) => isWithin(record.name, name));

const nsRecord = (zone: string, nameServer: string): Answer => ({
  name: zone || '.',
  type: 'NS',
  ttl: DELEGATION_TTL_S,
  data: nameServer,
});

const soaRecord = (zone: Zone): Answer => ({
  name: zone.origin || '.',
  type: 'SOA',
  ttl: NEGATIVE_TTL_S,
  data: {
    mname: zone.nameServer,
    rname: `hostmaster.${zone.nameServer}`,
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86400,
    minimum: NEGATIVE_TTL_S,
  },
});
