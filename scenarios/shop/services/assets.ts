/** The files beside the pages: styles, scripts, font, pictures. All are cacheable, and their names change with them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { Refusal, type Reply } from './http-service.ts';
import { pictured, productImage } from './product-image.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** Also for scripts and fonts, which browsers fetch from another host only with leave (CORS). */
const HEADERS = {
  'cache-control': 'public, max-age=86400',
  'access-control-allow-origin': '*',
  'timing-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

const PUBLIC = new URL('../public/', import.meta.url);
const FONT = '@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2';

interface Asset {
  readonly bytes: Buffer;
  readonly etag: string;
}

const asset = (bytes: Buffer): Asset => ({
  bytes,
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 16)}"`,
});

const assetByName: ReadonlyMap<string, Asset> = new Map([
  ...readdirSync(PUBLIC).map((name) => [name, asset(readFileSync(new URL(name, PUBLIC)))] as const),
  ...pictured().map((slug) => [`${slug}.svg`, asset(Buffer.from(productImage(slug) ?? ''))] as const),
  ['figtree.woff2', asset(readFileSync(createRequire(import.meta.url).resolve(FONT)))],
]);

export function assetReply(name: string, ifNoneMatch: string | undefined): Reply {
  const found = assetByName.get(name);
  if (!found) throw new Refusal(404, `There is no file ${name}.`);
  const headers = {
    ...HEADERS,
    etag: found.etag,
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
  };
  if (ifNoneMatch === found.etag) return { status: 304, headers, body: '' };
  return { headers, body: found.bytes };
}
