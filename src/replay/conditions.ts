/**
 * Under what conditions something was recorded, as far as it is known, and under which it is replayed. Plain data: the
 * probe applies it (probe/conditions.ts).
 */

/** The browser's own throttling (CDP `Network.emulateNetworkConditions`); −1 is no limit. */
export interface NetworkConditions {
  readonly latencyMs: number;
  readonly downloadBytesPerS: number;
  readonly uploadBytesPerS: number;
}

export interface Conditions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly locale?: string;
  readonly cpuSlowdown?: number;
  readonly network?: NetworkConditions;
  /** Was the place visited before? `cold` is a browser that has never been there. */
  readonly cache?: 'cold' | 'warm' | 'off';
  readonly connections?: 'cold' | 'warm';
  readonly names?: 'cold' | 'warm';
  /** Who looked names up: `system`, `forward`, `forward=SERVER,…`, `iterative=SERVER,…`. */
  readonly dns?: string;
  /** SPKI hashes that were trusted besides the public ones. */
  readonly trusted?: readonly string[];
  /** Host → address, where a lookup must not take place. */
  readonly addressByHost?: Readonly<Record<string, string>>;
  /** Whatever certificate is presented is to be trusted. */
  readonly anyCertificate?: boolean;
  /** Requests to other sites than the path's own are not sent. */
  readonly thirdParties?: 'blocked';
}

/** One line a condition, for a person; those that nobody knows are not told. */
export function conditionsInWords(conditions: Conditions): string[] {
  const { viewport, network, addressByHost = {}, trusted = [] } = conditions;
  const hosts = Object.keys(addressByHost);
  return [
    viewport && `viewport ${viewport.width}×${viewport.height}`,
    conditions.locale && `locale ${conditions.locale}`,
    conditions.cpuSlowdown && conditions.cpuSlowdown > 1 && `CPU ${conditions.cpuSlowdown}× slower`,
    network && `network ${networkInWords(network)}`,
    conditions.cache && `browser's cache ${conditions.cache}`,
    conditions.connections && `connections ${conditions.connections}`,
    hosts.length > 0
      ? `names known beforehand: ${hosts.join(', ')}`
      : conditions.names && `names ${conditions.names}`,
    conditions.dns && `DNS ${conditions.dns}`,
    conditions.thirdParties && 'other sites blocked',
    trusted.length > 0 && `${trusted.length} certificate key${trusted.length > 1 ? 's' : ''} trusted`,
    conditions.anyCertificate && 'any certificate trusted',
  ].filter((line) => typeof line === 'string');
}

function networkInWords({ latencyMs, downloadBytesPerS, uploadBytesPerS }: NetworkConditions): string {
  if (downloadBytesPerS === 0) return 'offline';
  const rate = (bytesPerS: number): string =>
    bytesPerS < 0 ? 'unlimited' : `${Math.round((bytesPerS * 8) / 1000)} kbit/s`;
  return `+${latencyMs} ms, ${rate(downloadBytesPerS)} down, ${rate(uploadBytesPerS)} up`;
}
