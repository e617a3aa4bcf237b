/** The browser's own trace (`Tracing`): started, ended and handed over as Perfetto has it; perfetto-trace.ts reads it. */
import { type Fields, numberOf } from '../../src/import/netlog/events.ts';
import { readStream } from './browser-stream.ts';
import type { CdpSession } from './cdp-session.ts';

export const TRACE_CATEGORIES = ['devtools.timeline'];

const TELL_FULLNESS_MS = 1_000;

export interface BrowserTrace {
  /** 0 to 1, as told a second ago at most: the browser throws away what comes when its 200 MB are full. */
  readonly fullness: number;
  /** Ends it; resolves with all of it. */
  end(): Promise<Buffer>;
}

/**
 * As JSON it would take the browser five times as long to hand it over.
 * @param session the browser's
 */
export async function startTrace(
  session: CdpSession,
  categories: readonly string[] = TRACE_CATEGORIES,
): Promise<BrowserTrace> {
  let fullness = 0;
  const complete = new Promise<Fields>((resolve) => session.on('Tracing.tracingComplete', resolve));
  session.on('Tracing.bufferUsage', ({ percentFull }) => {
    fullness = numberOf(percentFull) ?? fullness;
  });
  await session.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    streamFormat: 'proto',
    bufferUsageReportingInterval: TELL_FULLNESS_MS,
    traceConfig: { includedCategories: categories, excludedCategories: ['*'] },
  });
  return {
    get fullness() {
      return fullness;
    },
    async end() {
      await session.send('Tracing.end');
      return readStream((await complete).stream, session);
    },
  };
}
