/** Addresses as NetLog writes them. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` */
export function endpointOf(text: string | undefined): Endpoint | undefined {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(text ?? '');
  if (!match?.[1]) return undefined;
  return { address: match[1], port: Number(match[2]), family: match[1].includes(':') ? 'ipv6' : 'ipv4' };
}
