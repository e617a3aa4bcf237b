/**
 * Playwright's `trace.zip` (`context.tracing`, or the test runner's `trace: 'on'`), versions 4 (Playwright 1.33) to 10 (1.65).
 *
 * ```
 * trace.trace, 0-trace.trace    one JSON object a line: context-options, before, after, log, console, event, error
 * trace.network                 resource-snapshot: one entry of a HAR, with the start on the recorder's own clock
 * test.trace                    the same of the test runner: hooks, fixtures, test.step, expect
 * *.stacks, resources/          stack traces, bodies, pictures
 * ```
 * Read: calls and steps, requests, console and page errors, load events, pictures until something was typed. Ignored:
 * bodies, snapshots of the page, stack traces, logs. What was typed is in `params.value` and, since 1.55, in titles
 * (`Fill "…"`): of the parameters only selectors, addresses and waits are looked at, and titles end at their first quote.
 *
 * A HAR that Playwright packed (`recordHar` to a `.zip`) is read as one.
 *
 * https://github.com/microsoft/playwright/tree/main/packages/trace/src
 */
import { strFromU8, unzipSync } from 'fflate';
import { present } from '../model/attributes.ts';
import type { ImportResult, Warning } from '../model/span.ts';
import { NANOS_PER_MS } from '../model/time.ts';
import { readHar } from './har.ts';
import { connectionsOf, redirectsOf } from './har-chains.ts';
import { type Json, text } from './json-value.ts';
import { actionsOf } from './playwright-actions.ts';
import { type PlaywrightContext, readContext } from './playwright-context.ts';
import { pageNews } from './playwright-news.ts';
import { picturesOf } from './playwright-pictures.ts';
import type { RecordedRequest } from './recording.ts';
import { recordingSpans } from './recording-spans.ts';
import { boundedWarnings } from './warning-tally.ts';

/** `PK`, and one of the files that only these archives hold; names stand in the clear. */
export function isPlaywrightTrace(bytes: Uint8Array): boolean {
  if (!(bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4)) return false;
  return NAME_INSIDE.test(latin1(bytes.subarray(0, HEAD))) || NAME_INSIDE.test(latin1(bytes.subarray(-TAIL)));
}

const HEAD = 64 * 1024;
/** The list of names at an archive's end is this long for ten thousand files. */
const TAIL = 1024 * 1024;
const NAME_INSIDE = /(trace\.trace|test\.trace|trace\.network|\.har)/;
const latin1 = (bytes: Uint8Array): string => strFromU8(bytes, true);

const WANTED = /^(?:[^/]*\/)?(?:(\d+-)?trace\.(?:trace|network)|test\.trace|[^/]*\.har)$/;
/** Of one file, unpacked: as much as a document may have. An archive can claim anything. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** The last version that was looked at, and the first that has calls as `before` and `after`. */
const [FIRST_VERSION, LAST_VERSION] = [4, 10];

export function readPlaywrightTrace(bytes: Uint8Array): ImportResult {
  const warnings: Warning[] = [];
  const warn: Warn = (code, where, message) => warnings.push({ code: `playwright.${code}`, where, message });
  const files = unpacked(bytes, warn);
  const har = [...files].find(([name]) => name.endsWith('.har'));
  if (har) return readHar(strFromU8(har[1]));
  const contexts = contextsOf(files, warn);
  if (contexts.length === 0) {
    if (warnings.length === 0) warn('malformed', 'trace.zip', 'the archive holds no trace of Playwright');
    return { spans: [], warnings };
  }
  const parts = actionsOf(contexts, warn);
  const entries = new Map(contexts.flatMap((context) => [...context.requests]));
  const error = contexts.map((context) => context.error).find((said) => said !== undefined);
  const result = recordingSpans({
    source: 'playwright',
    title: titleOf(contexts),
    attributes: present({
      'headwater.recorded_with': recorderOf(contexts),
      'headwater.browser': browserOf(contexts),
    }),
    ...(error !== undefined && { error }),
    precisionNs: NANOS_PER_MS,
    parts,
    requests: requestsOf(entries),
    connections: connectionsOf(entries),
    events: contexts.flatMap(pageNews),
    warnings: boundedWarnings(warnings),
  });
  const traceId = result.spans[0]?.traceId;
  const pictures = traceId === undefined ? [] : picturesOf(bytes, contexts, traceId);
  return pictures.length > 0 ? { ...result, pictures } : result;
}

export type Warn = (code: string, where: string, message: string) => void;

function unpacked(bytes: Uint8Array, warn: Warn): Map<string, Uint8Array> {
  try {
    const filter = ({ name, originalSize }: { name: string; originalSize: number }) => {
      if (!WANTED.test(name)) return false;
      if (originalSize <= MAX_FILE_BYTES) return true;
      warn('too_large', name, `it would be ${originalSize} bytes, and was left out`);
      return false;
    };
    return new Map(Object.entries(unzipSync(bytes, { filter })));
  } catch (error) {
    warn('damaged_archive', 'trace.zip', `the archive is damaged: ${(error as Error).message}`);
    return new Map();
  }
}

/** Each `.trace` with its `.network`; what the test runner wrote comes first, as the others' calls are its own. */
function contextsOf(files: ReadonlyMap<string, Uint8Array>, warn: Warn): PlaywrightContext[] {
  const names = [...files.keys()].filter((name) => name.endsWith('.trace')).sort();
  const isTest = (name: string) => name.endsWith('test.trace');
  return [...names.filter(isTest), ...names.filter((name) => !isTest(name))].flatMap((name) => {
    const network = files.get(name.replace(/\.trace$/, '.network'));
    const context = readContext(
      { name, isTest: isTest(name), trace: files.get(name)!, ...(network && { network }) },
      warn,
    );
    if (!context) return [];
    const { version } = context;
    if (version !== undefined && version < FIRST_VERSION)
      warn(
        'old_version',
        name,
        `version ${version} of the format is older than any that is read (${FIRST_VERSION})`,
      );
    if (version !== undefined && version > LAST_VERSION)
      warn(
        'new_version',
        name,
        `version ${version} of the format is newer than any that was tried (${LAST_VERSION})`,
      );
    return context;
  });
}

const MAX_TITLE_CHARS = 200;

const titleOf = (contexts: readonly PlaywrightContext[]): string =>
  (contexts.map(({ options }) => text(options.title)).find(Boolean) ?? 'Playwright trace').slice(
    0,
    MAX_TITLE_CHARS,
  );

const firstText = (contexts: readonly PlaywrightContext[], key: string): string | undefined =>
  contexts.map(({ options }) => text(options[key]).slice(0, MAX_TITLE_CHARS)).find(Boolean);

function recorderOf(contexts: readonly PlaywrightContext[]): string {
  const version = firstText(contexts, 'playwrightVersion');
  return version ? `Playwright ${version}` : 'Playwright';
}
const browserOf = (contexts: readonly PlaywrightContext[]): string | undefined =>
  firstText(contexts, 'browserName');

/** Pages of a trace are no steps: each request belongs to the step that it began in. */
function requestsOf(entries: ReadonlyMap<Json, RecordedRequest>): RecordedRequest[] {
  return redirectsOf([...entries.keys()], entries).map(({ stepKey: _, ...request }) => request);
}
