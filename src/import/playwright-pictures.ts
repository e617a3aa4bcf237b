/**
 * Pictures of the page in a Playwright trace (`screenshots: true`), as the filmstrip of the run: those before the first call
 * that put text, keys or files into a page. From then on what was typed may stand on any of them, and none is kept.
 *
 * ```
 * calls      |goto|   |click|   |fill|    |click|
 * pictures   x     x         x   |             none until the end
 * ```
 * `screencast/FILE` since version 10, `resources/SHA1` before. They are small (800 px wide at most) and JPEG.
 */
import { unzipSync } from 'fflate';
import type { ReportedPicture } from '../model/span.ts';
import type { UnixNano } from '../model/time.ts';
import { type Json, number, text } from './json-value.ts';
import type { PlaywrightContext } from './playwright-context.ts';

/** Methods of the protocol, which are the API's own or called after the device (`keyboardType`). */
const TYPES =
  /^(keyboard\w*|fill|type|press|pressSequentially|insertText|selectOption|setInputFiles\w*|clear)$/;

/** A filmstrip is looked at, not played. */
const MAX_PICTURES = 500;
const MAX_PICTURE_BYTES = 1024 * 1024;

export function picturesOf(
  bytes: Uint8Array,
  contexts: readonly PlaywrightContext[],
  traceId: string,
): ReportedPicture[] {
  const typedAt = firstTyping(contexts);
  const timeByFile = new Map<string, UnixNano>();
  for (const context of contexts)
    for (const line of context.lines) {
      const at = line.type === 'screencast-frame' ? shownAt(line, context) : undefined;
      if (at === undefined || (typedAt !== undefined && at >= typedAt)) continue;
      if (timeByFile.size < MAX_PICTURES) timeByFile.set(fileOf(line), at);
    }
  if (timeByFile.size === 0) return [];
  return Object.entries(unpacked(bytes, timeByFile)).flatMap(([file, body]) =>
    isJpeg(body) ? { traceId, timeUnixNano: timeByFile.get(file)!, mediaType: 'image/jpeg', body } : [],
  );
}

const fileOf = (frame: Json): string => text(frame.file) || `resources/${text(frame.sha1)}`;

/** When the browser showed it, else when the recorder got it. */
function shownAt(frame: Json, { unixNano, options }: PlaywrightContext): UnixNano | undefined {
  const offsetMs = number(options.wallTime) - number(options.monotonicTime);
  const shown = number(frame.frameSwapWallTime) - offsetMs;
  return unixNano(Number.isFinite(shown) ? shown : frame.timestamp);
}

function firstTyping(contexts: readonly PlaywrightContext[]): UnixNano | undefined {
  const times = contexts.flatMap(({ lines, unixNano }) =>
    lines.flatMap((line) =>
      line.type === 'before' && isTyping(line) ? (unixNano(line.startTime) ?? 0n) : [],
    ),
  );
  return times.reduce<UnixNano | undefined>((a, b) => (a === undefined || b < a ? b : a), undefined);
}

/** The test runner's own lines name the call in their title (`Fill "…"`) or, before version 8, in `apiName`. */
const isTyping = (before: Json): boolean =>
  TYPES.test(text(before.method)) ||
  TYPES.test(text(before.apiName).split(/[.(]/)[1] ?? '') ||
  /^(fill|type|press|insert|select option|set input|clear)\b/i.test(text(before.title));

const isJpeg = (body: Uint8Array): boolean => body[0] === 0xff && body[1] === 0xd8 && body[2] === 0xff;

function unpacked(bytes: Uint8Array, wanted: ReadonlyMap<string, unknown>): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, {
      filter: ({ name, originalSize }) => wanted.has(name) && originalSize <= MAX_PICTURE_BYTES,
    });
  } catch {
    // the trace itself was read: a picture is no reason to lose it
    return {};
  }
}
