/**
 * Runs a journey once in a browser of its own and returns what the client side saw, as OpenTelemetry spans.
 *
 * ```
 * resolver, browser, observers ─► journey's body ─► stop observers, close ─► read NetLog ─► join ─► spans ─► exporters
 * ```
 * A page that never loads is a failed run with everything seen so far, not an error. Rejects only when the environment
 * lacks something (`code: 'no-chromium'`) or the options make no sense.
 */

import { readFile } from 'node:fs/promises';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Page } from 'playwright';
import { readNetLog } from '../src/import/netlog.ts';
import type { ReportedSpan, Warning } from '../src/model/span.ts';
import type { RunFile } from '../src/store/store.ts';
import { type LaunchedBrowser, launchBrowser } from './browser-launch.ts';
import { observeBrowser } from './browser-observer.ts';
import type { Picture } from './cdp/filmstrip.ts';
import { originOf } from './cdp/trace-header.ts';
import { findChromium, noChromiumError } from './chromium.ts';
import { type DnsOptions, type InPathResolver, startResolver } from './dns/in-path-resolver.ts';
import { warmUp } from './dns/warm-up.ts';
import { Interruption } from './interruption.ts';
import type { Journey } from './journey.ts';
import { JourneyRecorder, type StepNews } from './journey-recorder.ts';
import { errorSentence, listenToCalls, wrapPlaywright } from './playwright-calls.ts';
import { reportedSpan } from './reported-span.ts';
import { emitSpans, exportSpans } from './spans/emit.ts';
import { type RunRecord, runSpans } from './spans/run-spans.ts';
import { newSpanId, newTraceId } from './spans/span-draft.ts';
import { startUnixClock, type UnixClock } from './unix-clock.ts';

export type { DnsOptions } from './dns/in-path-resolver.ts';

export interface ProbeOptions {
  /** Where the journey starts. */
  readonly baseUrl: string;
  /** Path of a Chromium; found when missing. */
  readonly chromium?: string;
  readonly headless?: boolean;
  /** Default: `forward` to the system's name servers. */
  readonly dns?: DnsOptions;
  /** SPKI pins of certificates to trust besides the public ones. */
  readonly pins?: readonly string[];
  /** More origins that receive `traceparent`, besides the base URL's and the journey's own. */
  readonly allowOrigins?: readonly string[];
  /** Given every span of the run when it has ended; they stay the caller's to shut down. */
  readonly exporters?: readonly SpanExporter[];
  readonly viewport?: { width: number; height: number };
  /** Take small pictures of the page whenever it looks different; none once something was typed. */
  readonly filmstrip?: boolean;
  /** For the whole journey. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Chosen when missing. */
  readonly traceId?: string;
  /** Told the trace id before the journey starts. */
  readonly onStart?: (traceId: string) => void;
  readonly onStep?: (step: StepNews) => void;
}

export interface JourneyResult {
  readonly traceId: string;
  readonly status: 'ok' | 'failed';
  /** Why it failed, in one sentence. */
  readonly error?: string;
  readonly spans: ReportedSpan[];
  readonly warnings: Warning[];
  /** Pictures of the page: `frames/UNIX_NANO.jpg`. */
  readonly files?: readonly RunFile[];
  /** Milliseconds and counts, named. */
  readonly overhead: Record<string, number>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export async function runJourney(journey: Journey, options: ProbeOptions): Promise<JourneyResult> {
  const baseUrl = baseUrlOf(options.baseUrl);
  const executablePath = options.chromium ?? (await findChromium());
  if (!executablePath) throw noChromiumError();
  const clock = startUnixClock();
  const interruption = new Interruption(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, options.signal);
  const overhead: Record<string, number> = {};
  const launchStart = performance.now();
  let resolver: InPathResolver | undefined;
  let browser: LaunchedBrowser | undefined;
  try {
    resolver = await startResolver(options.dns ?? { mode: 'forward' });
    browser = await launch(executablePath, options, resolver);
    if (resolver.endpoint) await warmUp(await firstPage(browser));
    overhead.launchMs = performance.now() - launchStart;
    const record = await drive(journey, { ...options, baseUrl }, browser, clock, interruption);
    return await report(record, browser, resolver, options.exporters ?? [], overhead);
  } finally {
    interruption.dispose();
    await browser?.close();
    await resolver?.close();
    browser?.removeFiles();
  }
}

const firstPage = async ({ context }: LaunchedBrowser): Promise<Page> =>
  context.pages()[0] ?? (await context.newPage());

function baseUrlOf(text: string): string {
  const isWeb = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (!isWeb)
    throw new Error(`"${text}" is not an address that a browser can open; write http://… or https://….`);
  return text.replace(/\/+$/, '');
}

async function launch(
  executablePath: string,
  options: ProbeOptions,
  { endpoint }: InPathResolver,
): Promise<LaunchedBrowser> {
  try {
    return await launchBrowser({
      executablePath,
      headless: options.headless ?? true,
      viewport: options.viewport,
      pins: [...(options.pins ?? []), ...(endpoint ? [endpoint.pin] : [])],
      dohTemplate: endpoint?.template,
    });
  } catch (error) {
    const sentence = `"${executablePath}" did not start as a browser: ${errorSentence(error)}`;
    throw Object.assign(new Error(sentence), { code: 'no-chromium' });
  }
}

/** The journey itself, observed. Whatever goes wrong in it is part of the record. */
async function drive(
  journey: Journey,
  options: ProbeOptions,
  browser: LaunchedBrowser,
  clock: UnixClock,
  interruption: Interruption,
): Promise<RunRecord> {
  const traceId = options.traceId ?? newTraceId();
  options.onStart?.(traceId);
  const spanId = newSpanId();
  const { context } = browser;
  const page = await firstPage(browser);
  const origins = [options.baseUrl, ...(journey.origins ?? []), ...(options.allowOrigins ?? [])].map(
    originOf,
  );
  const observer = await observeBrowser(context, page, {
    traceId,
    allowOrigins: new Set(origins.filter(Boolean)),
    clock,
    filmstrip: options.filmstrip,
  });
  const recorder = new JourneyRecorder(spanId, clock, options.onStep ?? (() => undefined));
  wrapPlaywright(context, page);
  const step = recorder.step.bind(recorder);
  const startUnixNano = clock.now();
  const error = await outcomeOf(interruption, () =>
    listenToCalls(recorder, () => journey.body({ page, context, step, baseUrl: options.baseUrl })),
  );
  if (error) recorder.stop(error);
  const run = { spanId, journey: journey.name, startUnixNano, endUnixNano: clock.now(), error };
  return { traceId, run, recorder, seen: await observer.stop() };
}

/** Undefined when the body ended well; else why it did not. */
async function outcomeOf(interruption: Interruption, body: () => Promise<void>): Promise<string | undefined> {
  try {
    await interruption.race(body());
    return undefined;
  } catch (error) {
    return errorSentence(error) || 'The journey failed without saying why.';
  }
}

async function report(
  record: RunRecord,
  browser: LaunchedBrowser,
  resolver: InPathResolver,
  exporters: readonly SpanExporter[],
  overhead: Record<string, number>,
): Promise<JourneyResult> {
  const closeStart = performance.now();
  await browser.close();
  overhead.closeMs = performance.now() - closeStart;
  const reportStart = performance.now();
  const netLogText = await readFile(browser.netLogPath, 'utf8').catch(() => '');
  const queries = await resolver.queries();
  const made = runSpans(record, readNetLog(netLogText), queries ?? []);
  const spans = emitSpans(record.traceId, made.drafts, resourceOf());
  const exportWarnings = await exportSpans(spans, exporters);
  overhead.reportMs = performance.now() - reportStart;
  return {
    traceId: record.traceId,
    status: record.run.error === undefined ? 'ok' : 'failed',
    ...(record.run.error !== undefined && { error: record.run.error }),
    spans: spans.map(reportedSpan),
    warnings: [...(queries ? [] : [NO_QUERIES]), ...made.warnings, ...exportWarnings],
    files: made.pictures.map(fileOf),
    overhead: { ...overhead, netLogBytes: netLogText.length, ...made.counts },
  };
}

const NO_QUERIES: Warning = {
  code: 'probe.no_dns',
  where: 'resolver',
  message: "The probe's resolver ended before the run did: its upstream queries are not known.",
};

const resourceOf = () => ({ 'service.name': 'headwater-probe', 'process.pid': process.pid });

const fileOf = ({ timeUnixNano, jpeg }: Picture): RunFile => ({
  name: `frames/${timeUnixNano}.jpg`,
  mediaType: 'image/jpeg',
  body: jpeg,
});
