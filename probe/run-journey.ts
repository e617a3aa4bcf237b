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
import { PROFILE_FILES } from '../src/model/cpu-profile.ts';
import { RUN_CONDITIONS } from '../src/model/run-conditions.ts';
import type { Attributes, ReportedSpan, Warning } from '../src/model/span.ts';
import type { RunFile } from '../src/store/store.ts';
import { type LaunchedBrowser, launchBrowser, USUAL_VIEWPORT } from './browser-launch.ts';
import { observeBrowser } from './browser-observer.ts';
import type { Picture } from './cdp/filmstrip.ts';
import { RequestRules } from './cdp/request-rules.ts';
import { originOf } from './cdp/trace-header.ts';
import { findChromium, noChromiumError } from './chromium.ts';
import { applyConditions, type ProbeConditions } from './conditions.ts';
import { dnsText } from './dns/dns-options.ts';
import { type DnsOptions, type InPathResolver, startResolver } from './dns/in-path-resolver.ts';
import { warmUp } from './dns/warm-up.ts';
import { Interruption } from './interruption.ts';
import type { Journey, JourneyRequest } from './journey.ts';
import { JourneyRecorder, type StepNews } from './journey-recorder.ts';
import { tellLive } from './live-spans.ts';
import { errorSentence, listenToCalls, unheard, wrapPlaywright } from './playwright-calls.ts';
import { reportedSpan } from './reported-span.ts';
import { queriesSince, withoutEarlierVisit } from './spans/earlier-visit.ts';
import { emitSpans, exportSpans } from './spans/emit.ts';
import { pageProfiles } from './spans/profiled-step.ts';
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
  readonly conditions?: ProbeConditions;
  /** Of the run's own span, besides the usual ones. */
  readonly runAttributes?: Attributes;
  /** Take small pictures of the page whenever it looks different; none once something was typed. */
  readonly filmstrip?: boolean;
  /** Sample the page's functions, and keep what was sampled in this step, or in the longest one. */
  readonly profile?: { readonly step?: string };
  /** For the whole journey. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** `false`: an interrupt from the terminal does not end the journey; only `signal` does. */
  readonly heedsTerminal?: boolean;
  /** Chosen when missing. */
  readonly traceId?: string;
  /** Told the trace id before the journey starts. */
  readonly onStart?: (traceId: string) => void;
  readonly onStep?: (step: StepNews) => void;
  /** Told twice a second what is known so far, each time all of it; `result` does not depend on it. */
  readonly onLive?: (spans: ReportedSpan[]) => void;
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
  const interruption = new Interruption(
    options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    options.signal,
    options.heedsTerminal,
  );
  const overhead: Record<string, number> = {};
  const launchStart = performance.now();
  let resolver: InPathResolver | undefined;
  let browser: LaunchedBrowser | undefined;
  try {
    resolver = await startResolver(options.dns ?? { mode: 'forward' });
    browser = await launch(executablePath, options, resolver);
    if (resolver.endpoint) await warmUp(await firstPage(browser));
    if (options.conditions)
      await applyConditions(browser.context, await firstPage(browser), baseUrl, options.conditions);
    overhead.launchMs = performance.now() - launchStart;
    const record = await drive(journey, { ...options, baseUrl }, browser, clock, interruption);
    return await report(record, browser, resolver, options, overhead);
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
      locale: options.conditions?.locale,
      hostRules: options.conditions?.hostRules,
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
  const allowOrigins = new Set(origins.filter(Boolean));
  const rules = new RequestRules({ origins: allowOrigins, ...options.conditions });
  const observer = await observeBrowser(context, page, {
    traceId,
    allowOrigins,
    rules,
    clock,
    filmstrip: options.filmstrip,
    profile: options.profile !== undefined,
  });
  const recorder = new JourneyRecorder(spanId, clock, options.onStep ?? (() => undefined));
  wrapPlaywright(context, page);
  const step = recorder.step.bind(recorder);
  const startUnixNano = clock.now();
  const running = { spanId, journey: journey.name, startUnixNano, attributes: attributesOf(options) };
  const request = exchanger(page, rules, recorder);
  const stopTelling =
    options.onLive && tellLive({ traceId, run: running, recorder, observer }, options.onLive);
  const error = await outcomeOf(interruption, () =>
    listenToCalls(recorder, () => journey.body({ page, context, step, request, baseUrl: options.baseUrl })),
  );
  stopTelling?.();
  if (error) recorder.stop(error);
  const run = { ...running, endUnixNano: clock.now(), error };
  return { traceId, run, recorder, seen: await observer.stop(), held: rules.held };
}

/** Sends one exchange as the browser opens a page; the answer is complete, nothing of it need have been drawn. */
const exchanger =
  (page: Page, rules: RequestRules, recorder: JourneyRecorder) =>
  async (exchange: JourneyRequest): Promise<number> => {
    const { url } = exchange;
    const ended = recorder.started({ name: 'page.request', target: url, startUnixNano: recorder.now() });
    rules.expect(exchange);
    try {
      const status = await unheard(() => answered(page, url));
      ended();
      return status;
    } catch (error) {
      ended(error);
      throw error;
    }
  };

async function answered(page: Page, url: string): Promise<number> {
  const answer = await page.goto(url, { waitUntil: 'commit' });
  await answer?.finished();
  return answer?.status() ?? 0;
}

/** Under which conditions the run was walked, so that it can be walked again under the same ones. */
function attributesOf({
  viewport,
  dns,
  pins = [],
  conditions = {},
  runAttributes,
}: ProbeOptions): Attributes {
  const { locale, cpuSlowdown, network, cacheOff, warm } = conditions;
  const told = {
    viewport: viewport ?? USUAL_VIEWPORT,
    ...(locale && { locale }),
    ...(cpuSlowdown && { cpuSlowdown }),
    ...(network && { network }),
    cache: cacheOff ? 'off' : warm === 'cache' ? 'warm' : 'cold',
    dns: dnsText(dns ?? { mode: 'forward' }),
    ...(pins.length > 0 && { trusted: pins }),
  };
  return { [RUN_CONDITIONS]: JSON.stringify(told), ...runAttributes };
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
  { exporters = [], conditions, profile }: ProbeOptions,
  overhead: Record<string, number>,
): Promise<JourneyResult> {
  const closeStart = performance.now();
  await browser.close();
  overhead.closeMs = performance.now() - closeStart;
  const reportStart = performance.now();
  const netLogText = await readFile(browser.netLogPath, 'utf8').catch(() => '');
  const queries = await resolver.queries();
  const netLog = readNetLog(netLogText);
  const since = record.run.startUnixNano;
  const made = conditions?.warm
    ? runSpans(record, withoutEarlierVisit(netLog, since), queriesSince(queries ?? [], since))
    : runSpans(record, netLog, queries ?? []);
  const spans = emitSpans(record.traceId, made.drafts);
  const exportWarnings = await exportSpans(spans, exporters);
  overhead.reportMs = performance.now() - reportStart;
  return {
    traceId: record.traceId,
    status: record.run.error === undefined ? 'ok' : 'failed',
    ...(record.run.error !== undefined && { error: record.run.error }),
    spans: spans.map(reportedSpan),
    warnings: [
      ...(queries ? [] : [NO_QUERIES]),
      ...heldBack(record.held ?? []),
      ...made.warnings,
      ...exportWarnings,
    ],
    files: [...made.pictures.map(fileOf), ...(profile ? profileFiles(record, profile.step) : [])],
    overhead: { ...overhead, netLogBytes: netLogText.length, ...made.counts },
  };
}

const NO_QUERIES: Warning = {
  code: 'probe.no_dns',
  where: 'resolver',
  message: "The probe's resolver ended before the run did: its upstream queries are not known.",
};

const heldBack = (held: readonly string[]): Warning[] =>
  [...new Set(held)].map((request) => ({
    code: 'probe.held_back',
    where: 'browser',
    message: `${request} was not sent: it changes something at the server.`,
  }));

const profileFiles = (record: RunRecord, step: string | undefined): RunFile[] =>
  pageProfiles(record, step).map((profile, i) => ({
    name: `${PROFILE_FILES}page-${i + 1}.json`,
    mediaType: 'application/json',
    body: new TextEncoder().encode(JSON.stringify(profile)),
  }));

const fileOf = ({ timeUnixNano, jpeg }: Picture): RunFile => ({
  name: `frames/${timeUnixNano}.jpg`,
  mediaType: 'image/jpeg',
  body: jpeg,
});
