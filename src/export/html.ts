/**
 * One run as one HTML file that needs nothing else: the built viewer, and what the API would answer about this run,
 * deflated. A policy inside forbids the network and every script but the two that are in it (by their hashes).
 *
 *   <script type="application/octet-stream" data-answer="/api/runs/4bf9…/columns" data-media-type="…">BASE64</script>
 *
 * The viewer's side of this is viewer/packed.ts.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

/** What the API answers at one path. A path that ends in `?*` stands for every query. */
export interface PackedAnswer {
  readonly path: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** What the page shows as images, by path in the API. */
export interface PackedPicture {
  readonly path: string;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

export interface HtmlContent {
  /** Address in the viewer that the file opens at. */
  readonly start: string;
  readonly answers: readonly PackedAnswer[];
  readonly pictures: readonly PackedPicture[];
}

/** @throws Error with a sentence for the person when the viewer is not built */
export function htmlFile(viewerDir: string, content: HtmlContent): string {
  const viewer = readViewer(viewerDir);
  const boot = bootScript(content.start);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy([boot, viewer.script], viewer.style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Headwater</title>
<link rel="icon" href="${viewer.icon}">
<style>${viewer.style}</style>
</head>
<body>
<noscript>This page draws one traced run with JavaScript. Turn it on for this file.</noscript>
<div id="app"></div>
${content.answers.map(answerBlock).join('\n')}
<script type="application/json" id="pictures">${picturesBlock(content.pictures)}</script>
<script>${boot}</script>
<script type="module">${viewer.script}</script>
</body>
</html>
`;
}

interface Viewer {
  readonly script: string;
  readonly style: string;
  /** As a `data:` address. */
  readonly icon: string;
}

function readViewer(viewerDir: string): Viewer {
  const page = join(viewerDir, 'index.html');
  if (!existsSync(page))
    throw new Error('The viewer is not built. Run `npm run build:viewer`, then try again.');
  const html = readFileSync(page, 'utf8');
  const file = (pattern: RegExp): string => {
    const path = pattern.exec(html)?.[1];
    if (!path) throw new Error(`The built viewer in ${viewerDir} names no file like ${pattern.source}.`);
    return readFileSync(join(viewerDir, path), 'utf8');
  };
  return {
    script: inlineScript(file(/<script[^>]* src="([^"]+)"/)),
    style: file(/<link rel="stylesheet"[^>]* href="([^"]+)"/),
    icon: dataAddress('image/svg+xml', Buffer.from(file(/<link rel="icon" href="([^"]+)"/))),
  };
}

/** In a string or a pattern of JavaScript `<\/` is `</`, and does not end the element. */
const inlineScript = (script: string): string =>
  script
    .replace(/<\/(script)/gi, '<\\/$1')
    .replaceAll('<!--', '<\\!--')
    .trim();

const dataAddress = (mediaType: string, body: Uint8Array): string =>
  `data:${mediaType};base64,${Buffer.from(body).toString('base64')}`;

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const policy = (scripts: readonly string[], style: string): string =>
  [
    "default-src 'none'",
    `script-src ${scripts.map(hashOf).join(' ')}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const answerBlock = ({ path, mediaType, body }: PackedAnswer): string =>
  `<script type="application/octet-stream" data-answer="${attribute(path)}" data-media-type="${attribute(mediaType)}">${deflateRawSync(body, { level: 9 }).toString('base64')}</script>`;

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

const picturesBlock = (pictures: readonly PackedPicture[]): string =>
  JSON.stringify(
    Object.fromEntries(pictures.map(({ path, mediaType, body }) => [path, dataAddress(mediaType, body)])),
  ).replaceAll('<', '\\u003c');

/** Runs before the viewer, which finds `headwaterPack` and asks it instead of a server. */
const bootScript = (start: string): string => `(() => {
  const blocks = new Map([...document.querySelectorAll('script[data-answer]')].map((block) => [block.dataset.answer, block]));
  const pictures = JSON.parse(document.getElementById('pictures').textContent);
  const bytesOf = (base64) => {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  };
  const inflated = (block) => {
    const stream = new Blob([bytesOf(block.textContent)]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return new Response(stream, { headers: { 'content-type': block.dataset.mediaType } });
  };
  globalThis.headwaterPack = {
    start: ${JSON.stringify(start).replaceAll('<', '\\u003c')},
    answer: (path) => {
      const block = blocks.get(path) ?? blocks.get(path.replace(/\\?.*$/s, '?*'));
      return block && Promise.resolve(inflated(block));
    },
    picture: (path) => (Object.hasOwn(pictures, path) ? pictures[path] : undefined),
  };
})();`;
