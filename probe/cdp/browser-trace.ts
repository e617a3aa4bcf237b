/** The browser's own trace (`Tracing`): started, ended and handed over as Perfetto has it; perfetto-trace.ts reads it. */
import { type Fields, textOf } from '../../src/import/netlog/events.ts';
import type { CdpSession } from './cdp-session.ts';

export const TRACE_CATEGORIES = ['devtools.timeline'];

/** As much as one message carries without holding up others for long. */
const READ_BYTES = 1 << 20;

/**
 * As JSON it would take the browser five times as long to hand it over.
 * @param session the browser's
 * @returns what ends it, and resolves with all of it
 */
export async function startTrace(
  session: CdpSession,
  categories: readonly string[] = TRACE_CATEGORIES,
): Promise<() => Promise<Buffer>> {
  const complete = new Promise<Fields>((resolve) => session.on('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    streamFormat: 'proto',
    traceConfig: { includedCategories: categories, excludedCategories: ['*'] },
  });
  return async () => {
    await session.send('Tracing.end');
    return readStream((await complete).stream, session);
  };
}

async function readStream(handle: unknown, session: CdpSession): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const { data, base64Encoded, eof } = await session.send('IO.read', { handle, size: READ_BYTES });
    parts.push(Buffer.from(textOf(data) ?? '', base64Encoded === true ? 'base64' : 'utf8'));
    if (eof === true) break;
  }
  await session.send('IO.close', { handle });
  return Buffer.concat(parts);
}
