/** Parts of an address as spans name them; of a text that is no address, the text. */

/** Longer ones (`data:` addresses, a search's state) are cut: OpenTelemetry's usual limit for a value. */
const MAX_URL_CHARS = 4_096;

export const shortUrl = (url: string): string =>
  url.length > MAX_URL_CHARS ? `${url.slice(0, MAX_URL_CHARS)}…` : url;

const parsed = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined);

/** `/checkout`; of an address without a path (`data:`) its scheme. */
export function pathOf(url: string): string {
  const known = parsed(url);
  if (!known) return url;
  return known.host === '' ? known.protocol : known.pathname;
}

/** `shop.example:8443` */
export const hostOf = (url: string): string => {
  const known = parsed(url);
  return known ? known.host || known.protocol : url;
};

export const isSecure = (url: string): boolean => /^(https|wss):/i.test(url);

export function serverOf(url: string): { address: string; port: number } | undefined {
  const known = parsed(url);
  if (!known || known.host === '') return undefined;
  return {
    address: known.hostname.replace(/^\[|\]$/g, ''),
    port: Number(known.port) || (isSecure(url) ? 443 : 80),
  };
}
