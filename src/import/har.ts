/**
 * HTTP Archive (HAR) 1.2, as browsers, proxies and API clients write it.
 *
 * ```
 * {"log":{"version","creator":{"name","version"},"browser",
 *   "pages":[{"id","title","startedDateTime","pageTimings":{"onContentLoad","onLoad"}}],
 *   "entries":[{"pageref","startedDateTime","time","request","response","timings","serverIPAddress","connection"}]}}
 * ```
 * Read: pages (as steps), entries with their phases, redirects, sizes, addresses, sockets, what Chrome, browsertime and
 * Playwright add (`_initiator`, `_priority`, `_resourceType`, `_transferSize`, `_fromCache`, `_failureText`, paints).
 * Ignored: `entry.time` where there are phases, bodies, cookies, and all headers but those named in har-entry.ts.
 *
 * http://www.softwareishard.com/blog/har-12-spec/
 */
import { present } from '../model/attributes.ts';
import type { ImportResult, ReportedEvent, Warning } from '../model/span.ts';
import { NANOS_PER_MS, nanosFromMs } from '../model/time.ts';
import { connectionsOf, redirectsOf } from './har-chains.ts';
import { readHarEntry } from './har-entry.ts';
import { isoInstant } from './iso-time.ts';
import { isObject, type Json, number, objects, parseJson, text } from './json-value.ts';
import { addTo, type RecordedPart, type RecordedRequest } from './recording.ts';
import { recordingSpans } from './recording-spans.ts';
import { hostOf } from './url-parts.ts';
import { boundedWarnings } from './warning-tally.ts';

/** The HAR viewer's own way to load one from elsewhere: `onInputData({"log":…});`. */
const CALLBACK = /^\s*[A-Za-z_$][\w.$]{0,100}\(\s*(?=\{)/;

/** What comes before `entries` may be long; the rest of a log's keys are nobody else's. */
export const isHar = (head: string): boolean =>
  /^\s*\{\s*"log"\s*:\s*\{/.test(head.replace(CALLBACK, '')) && /"(entries|creator|pages)"\s*:/.test(head);

/** Reads a whole archive. Never throws. */
export function readHar(json: string): ImportResult {
  const warnings: Warning[] = [];
  const warn = (code: string, where: string, message: string) =>
    warnings.push({ code: `har.${code}`, where, message });
  const plain = CALLBACK.test(json) ? json.replace(CALLBACK, '').replace(/\)\s*;?\s*$/, '') : json;
  const message = parseJson(plain, { malformed: (reason) => warn('malformed', 'har', reason) });
  if (message === undefined) return { spans: [], warnings };
  const log = isObject(message) && isObject(message.log) ? message.log : undefined;
  if (!log) {
    warn('malformed', 'har', 'not a HAR: expected {"log":{"entries":[…]}}');
    return { spans: [], warnings };
  }
  const entries = objects(log.entries);
  if (entries.length === 0) warn('empty', 'har', 'it holds no request');
  const read = readEntries(entries, log, warn);
  const pages = pagesOf(objects(log.pages), read, warn);
  return recordingSpans({
    source: 'har',
    title: titleOf(pages, read),
    attributes: present({
      'headwater.recorded_with': nameAndVersion(log.creator),
      'headwater.browser': nameAndVersion(log.browser),
    }),
    precisionNs: NANOS_PER_MS,
    parts: pages,
    requests: redirectsOf(entries, read),
    connections: connectionsOf(read),
    events: [],
    warnings: boundedWarnings(warnings),
  });
}

type Warn = (code: string, where: string, message: string) => void;

/** By its place in the file; those that could not be read are missing. */
export type ReadEntries = ReadonlyMap<Json, RecordedRequest>;

/** Counts `ssl` within `connect`, and adds both in `time`. */
const SSL_WITHIN = /^playwright/i;

function readEntries(entries: readonly Json[], log: Json, warn: Warn): ReadEntries {
  const creator = isObject(log.creator) ? text(log.creator.name) : '';
  const read = new Map<Json, RecordedRequest>();
  entries.forEach((entry, i) => {
    const request = readHarEntry(entry, {
      key: `entry ${i}`,
      isSslWithin: SSL_WITHIN.test(creator),
      warn: (code, message) => warn(code, `entry ${i + 1}`, message),
    });
    if (request) read.set(entry, request);
  });
  warnOfOneInstant([...read.values()], warn);
  return read;
}

/** Insomnia writes when it exported, and not when each request was made. */
function warnOfOneInstant([first, ...others]: readonly RecordedRequest[], warn: Warn): void {
  if (!first || others.length === 0) return;
  if (others.some(({ startUnixNano }) => startUnixNano !== first.startUnixNano)) return;
  const message = `all ${others.length + 1} requests claim the same start: how they followed each other is not in the file`;
  warn('one_instant', 'entries', message);
}

const MAX_TITLE_CHARS = 200;

const nameAndVersion = (said: unknown): string | undefined =>
  isObject(said)
    ? `${text(said.name)} ${text(said.version)}`.trim().slice(0, MAX_TITLE_CHARS) || undefined
    : undefined;

function titleOf([page]: readonly RecordedPart[], read: ReadEntries): string {
  if (page?.name) return page.name;
  for (const { url } of read.values()) return hostOf(url).slice(0, MAX_TITLE_CHARS);
  return 'HAR';
}

/** browsertime's names for what the page drew, beside the two of HAR itself. */
const PAGE_EVENTS: readonly (readonly [key: string, event: string])[] = [
  ['_firstPaint', 'firstPaint'],
  ['_firstContentfulPaint', 'firstContentfulPaint'],
  ['_largestContentfulPaint', 'largestContentfulPaint'],
  ['onContentLoad', 'domContentLoaded'],
  ['onLoad', 'load'],
];

/**
 * A page lasts from its own start, or that of its first request, to the last thing that is known of it.
 * ```
 * // startedDateTime  |
 * // requests         |----|  |---------|
 * // onLoad                     |
 * // step             |-----------------|
 * ```
 */
function pagesOf(pages: readonly Json[], read: ReadEntries, warn: Warn): RecordedPart[] {
  const requestsByPage = new Map<string, RecordedRequest[]>();
  for (const request of read.values()) {
    if (request.stepKey !== undefined) addTo(requestsByPage, request.stepKey, request);
  }
  const parts = new Map<string, RecordedPart>();
  for (const page of pages) {
    const id = text(page.id);
    if (parts.has(id)) warn('same_page', 'pages', `two pages are called "${id.slice(0, MAX_TITLE_CHARS)}"`);
    else {
      const part = pageOf(page, id, requestsByPage.get(id) ?? [], read, warn);
      if (part) parts.set(id, part);
      else
        warn(
          'no_page_time',
          'pages',
          `page "${id.slice(0, MAX_TITLE_CHARS)}" has neither a start nor requests`,
        );
    }
  }
  const lost = [...requestsByPage].filter(([id]) => !parts.has(id));
  for (const [id, requests] of lost)
    warn(
      'unknown_page',
      'pages',
      `${requests.length} requests name a page "${id.slice(0, MAX_TITLE_CHARS)}" that is not there`,
    );
  return [...parts.values()].sort((a, b) => Number(a.startUnixNano - b.startUnixNano));
}

function pageOf(
  page: Json,
  id: string,
  requests: readonly RecordedRequest[],
  read: ReadEntries,
  warn: Warn,
): RecordedPart | undefined {
  const said = startOf(page, requests.length > 0 ? requests : [...read.values()], warn);
  const first = said ?? requests[0]?.startUnixNano;
  if (first === undefined) return undefined;
  const timings = isObject(page.pageTimings) ? page.pageTimings : {};
  const events = said === undefined ? [] : pageEvents(timings, said);
  const starts = [first, ...requests.map((request) => request.startUnixNano)];
  const ends = [
    first,
    ...requests.map((request) => request.endUnixNano),
    ...events.map((event) => event.timeUnixNano),
  ];
  return {
    key: id,
    type: 'step',
    name: (text(page.title) || id || 'page').slice(0, MAX_TITLE_CHARS),
    startUnixNano: starts.reduce((a, b) => (b < a ? b : a)),
    endUnixNano: ends.reduce((a, b) => (b > a ? b : a)),
    events,
  };
}

const MAX_PAGE_MS = 86_400_000;
/** A person may leave a page open before it asks for anything; a file that was put together by hand is months off. */
const MAX_PAGE_LEAD_NS = 3_600_000_000_000n;

/** Undefined, too, where no request of the page (of the file, if it has none) was made anywhere near. */
function startOf(page: Json, requests: readonly RecordedRequest[], warn: Warn): bigint | undefined {
  const said = isoInstant(page.startedDateTime)?.unixNano;
  const near = (at: bigint) =>
    said !== undefined && at - said < MAX_PAGE_LEAD_NS && said - at < MAX_PAGE_LEAD_NS;
  if (said === undefined || requests.length === 0 || requests.some((request) => near(request.startUnixNano)))
    return said;
  const title = text(page.title).slice(0, MAX_TITLE_CHARS);
  warn(
    'page_far_away',
    'pages',
    `page "${title}" claims to have begun at another time than any of its requests`,
  );
  return undefined;
}

function pageEvents(timings: Json, pageUnixNano: bigint): ReportedEvent[] {
  return PAGE_EVENTS.flatMap(([key, name]) => {
    const ms = timings[key] === undefined || timings[key] === null ? Number.NaN : number(timings[key]);
    if (!(ms >= 0 && ms <= MAX_PAGE_MS)) return [];
    return { name, timeUnixNano: pageUnixNano + BigInt(nanosFromMs(ms)), attributes: {} };
  }).sort((a, b) => Number(a.timeUnixNano - b.timeUnixNano));
}
