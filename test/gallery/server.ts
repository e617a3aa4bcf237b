/**
 * Serves the gallery: its own page at http://localhost:PORT/gallery, and every example at a host of its own,
 * http://ID.localhost:PORT/…, behind the very app that serves the viewer. So each example has its own runs, addresses
 * work in it as they do for people, and what a new screen asks for is answered without a word here.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { reopening } from '../../src/run/reopen.ts';
import { createApp } from '../../src/serve/app.ts';
import type { RunSource } from '../../src/serve/run-source.ts';
import { ORIGIN_UNIX_NANO } from '../fixtures/run-view.ts';
import { exampleSchedule } from './example-schedule.ts';
import { EXAMPLES, type Example } from './examples.ts';
import { exampleGoals } from './goal-stock.ts';
import { stock } from './stocks.ts';

export interface GalleryOptions {
  readonly port: number;
  /** The built viewer. */
  readonly viewerDir: string;
  /** Draws all words in the font that comes with the package, so that pictures can be compared. */
  readonly bundledFont?: boolean;
}

export interface Gallery {
  readonly url: string;
  urlOf(example: Example): string;
  /** A page of letters and signs alone: how it is drawn tells the fonts. */
  readonly lettersUrl: string;
  stop(): void;
}

/** Ten minutes after the hand-made runs. */
export const NOW_UNIX_MS = Number(BigInt(ORIGIN_UNIX_NANO) / 1_000_000n) + 600_000;

const PAGE_FILES: Readonly<Record<string, readonly [file: string, mediaType: string]>> = {
  '/': ['page.html', 'text/html; charset=utf-8'],
  '/gallery': ['page.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript'],
  '/page.css': ['page.css', 'text/css'],
  '/letters': ['letters.html', 'text/html; charset=utf-8'],
};

export async function startGallery(options: GalleryOptions): Promise<Gallery> {
  const server = createAdaptorServer({ fetch: (request) => answer(request, options) });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/gallery`,
    lettersUrl: `http://localhost:${port}/letters`,
    urlOf: ({ id, at }) => `http://${id}.localhost:${port}${at}`,
    stop: () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}

function answer(request: Request, options: GalleryOptions): Response | Promise<Response> {
  const url = new URL(request.url);
  if (url.pathname === '/gallery/start.js') return send(here('start.js'), 'text/javascript');
  if (url.pathname === '/gallery/font.css') return send(here('font.css'), 'text/css');
  if (url.pathname === '/gallery/font.woff2') return send(fontPath(), 'font/woff2');
  const example = EXAMPLES.find(({ id }) => url.hostname === `${id}.localhost`);
  if (example) return answerAs(example, request, url, options);
  if (url.pathname === '/examples.json') return Response.json(EXAMPLES);
  const file = PAGE_FILES[url.pathname];
  return file
    ? send(here(file[0]), file[1])
    : new Response('Nothing here. The gallery is at /gallery.', { status: 404 });
}

const here = (name: string): string => new URL(name, import.meta.url).pathname;
const FONT = 'figtree-latin-wght-normal.woff2';
const fontPath = (): string =>
  createRequire(import.meta.url).resolve(`@fontsource-variable/figtree/files/${FONT}`);

const send = (path: string, mediaType: string): Response =>
  new Response(new Uint8Array(readFileSync(path)), { headers: { 'content-type': mediaType } });

async function answerAs(
  example: Example,
  request: Request,
  url: URL,
  options: GalleryOptions,
): Promise<Response> {
  if (example.server === 'silent' && url.pathname.startsWith('/api/')) return new Promise(() => {});
  const source = example.server === 'broken' ? brokenSource() : reopening(stock(example.stock ?? 'runs'));
  const app = createApp({
    store: source,
    viewerDir: options.viewerDir,
    schedule: example.scheduled ? exampleSchedule() : undefined,
    goals: example.stock === 'goals' ? exampleGoals : undefined,
    now: () => NOW_UNIX_MS,
  });
  const headers = new Headers(request.headers);
  // The app answers to loopback's own names only, and what is changed below must not be compressed.
  for (const name of ['host', 'accept-encoding']) headers.delete(name);
  const asked = new Request(`http://127.0.0.1${url.pathname}${url.search}`, {
    method: request.method,
    headers,
  });
  const response = await app.fetch(asked);
  return response.headers.get('content-type')?.startsWith('text/html')
    ? started(response, example, url, options)
    : response;
}

/** The viewer's page, to be started by `start.js`, and allowed inside the gallery's frame. */
async function started(
  response: Response,
  { shows, keys = [] }: Example,
  url: URL,
  { bundledFont }: GalleryOptions,
): Promise<Response> {
  const theme = url.searchParams.get('theme');
  const html = (await response.text())
    .replace('<html', theme === 'dark' || theme === 'light' ? `<html data-theme="${theme}"` : '<html')
    .replace(/<script type="module"[^>]* src="([^"]+)"><\/script>/, (_, viewer) => {
      const start = `<script type="module" src="/gallery/start.js" data-viewer="${viewer}" data-example="${quoted({ shows, keys })}"></script>`;
      return bundledFont ? `${start}<link rel="stylesheet" href="/gallery/font.css">` : start;
    });
  const headers = new Headers(response.headers);
  for (const name of ['x-frame-options', 'content-length']) headers.delete(name);
  const policy = headers.get('content-security-policy') ?? '';
  headers.set(
    'content-security-policy',
    policy.replace(
      /frame-ancestors [^;]+/,
      `frame-ancestors http://localhost:${url.port} http://127.0.0.1:${url.port}`,
    ),
  );
  return new Response(html, { status: response.status, headers });
}

const quoted = (value: unknown): string =>
  JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('"', '&quot;');

const brokenSource = (): RunSource =>
  new Proxy({} as RunSource, {
    get: () => () => {
      throw new Error('the database file is locked');
    },
  });
