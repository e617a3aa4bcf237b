/**
 * What a browser hands over as a stream (`IO.read`). It keeps it in a file that has no name any more:
 *
 * ```
 * // browser   /proc/PID/fd/59 → /tmp/.org.chromium.Chromium.x (deleted)     taken from there where that can be done
 * //           base64 in JSON, through a pipe, 1 MB a message               everywhere else: 1 s for 70 MB
 * ```
 * Linux lets a process look at the open files of another of the same user. Whether a file is the stream is told by its
 * beginning, which the browser is asked for first.
 */
import { open, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { isFields, numberOf, textOf } from '../../src/import/netlog/events.ts';
import type { CdpSession } from './cdp-session.ts';

/** Enough to tell one stream from another: the browser's own description and the first events with their times. */
const HEAD_BYTES = 1 << 16;
/** As much as one message carries without holding up others for long. */
const READ_BYTES = 1 << 20;

/** @param session the browser's */
export async function readStream(handle: unknown, session: CdpSession): Promise<Buffer> {
  const head = await readPart(handle, HEAD_BYTES, session);
  const all = head.isLast
    ? head.bytes
    : ((await ownFile(head.bytes, session)) ?? (await rest(head, handle, session)));
  await session.send('IO.close', { handle });
  return all;
}

interface Part {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

async function readPart(handle: unknown, size: number, session: CdpSession): Promise<Part> {
  const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size });
  const bytes = Buffer.from(textOf(data) ?? '', base64Encoded === true ? 'base64' : 'utf8');
  return { bytes, isLast: eof === true };
}

async function rest(head: Part, handle: unknown, session: CdpSession): Promise<Buffer> {
  const parts = [head];
  while (!parts.at(-1)!.isLast) parts.push(await readPart(handle, READ_BYTES, session));
  return Buffer.concat(parts.map(({ bytes }) => bytes));
}

/** The browser's file that begins like this; undefined where there is none, or no way to look. */
async function ownFile(head: Buffer, session: CdpSession): Promise<Buffer | undefined> {
  if (process.platform !== 'linux') return undefined;
  try {
    const folder = `/proc/${await browserPid(session)}/fd`;
    for (const name of await readdir(folder)) {
      const path = `${folder}/${name}`;
      if (await beginsWith(head, path)) return await readFile(path);
    }
  } catch {
    // Of another user, in a container of its own, or gone: the browser hands it over itself.
  }
  return undefined;
}

async function browserPid(session: CdpSession): Promise<number | undefined> {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const processes = Array.isArray(processInfo) ? processInfo.filter(isFields) : [];
  return numberOf(processes.find(({ type }) => type === 'browser')?.id);
}

async function beginsWith(head: Buffer, path: string): Promise<boolean> {
  const target = await readlink(path).catch(() => '');
  if (!target.endsWith(' (deleted)') || target.startsWith('/memfd:')) return false;
  // To open a pipe would mean to wait for who writes into it.
  const isFile = await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  const file = isFile ? await open(path).catch(() => undefined) : undefined;
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(head.length), 0, head.length, 0);
    return bytesRead === head.length && head.equals(buffer);
  } finally {
    await file.close();
  }
}
