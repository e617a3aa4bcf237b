/**
 * What a person gave `replay`: a trace ID, a file, a curl command, an address of a trace in Jaeger, Tempo or Zipkin.
 * Spans go into the store, so that the original is a run like any other.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { importFile } from '../../collect/import-file.ts';
import { parseTraceparent } from '../../model/ids.ts';
import type { RunView } from '../../model/report.ts';
import type { ReportedSpan } from '../../model/span.ts';
import { fetchNamed } from '../../pull/fetch-named.ts';
import { backendAddress, openBackend } from '../../pull/trace-backend.ts';
import { keepImported, keepNewWarnings } from '../../run/keep-imported.ts';
import { leftOver } from '../../run/left.ts';
import { reopened } from '../../run/reopen.ts';
import { restitch } from '../../run/restitch.ts';
import { usualFrom } from '../../run/usual.ts';
import type { Store } from '../../store/store.ts';
import { isCurl, readCurl } from '../curl.ts';
import { recordingFromSpans } from '../from-spans.ts';
import { isRecorderJson, readRecorderJson } from '../recorder-json.ts';
import { type Recording, RecordingError } from '../recording.ts';

export interface AskedRecording {
  readonly kind: 'recording';
  readonly recording: Recording;
  /** The run that it was made from; a script has none. */
  readonly original?: RunView;
  readonly notes: readonly string[];
}
/** A journey or a Playwright script: it is walked as it is. */
export interface AskedScript {
  readonly kind: 'script';
  readonly file: string;
}
export type Asked = AskedRecording | AskedScript;

export interface AskedOptions {
  readonly store: Store;
  /** Backends to ask for a trace that is not stored. */
  readonly tracesFrom: readonly string[];
}

/** Larger than this is no script and no command. */
const MOST_TEXT_BYTES = 16 * 1024 * 1024;
const SCRIPT = /^\.[cm]?[jt]s$/;
const TRACE_ID = /^[0-9a-f]{4,32}$/i;
/** `http://jaeger:16686/trace/4bf9…`, `http://zipkin:9411/zipkin/traces/4bf9…`, `…/api/traces/4bf9…` */
const TRACE_ADDRESS =
  /^(https?:\/\/.+?)(?:\/zipkin|\/api(?:\/v2)?)?\/traces?\/([0-9a-f]{16,32})\/?(?:\?.*)?$/i;

/** @throws RecordingError with a sentence */
export async function readAsked(asked: string, options: AskedOptions): Promise<Asked> {
  if (isCurl(asked)) return { kind: 'recording', recording: readCurl(asked, 'a curl command'), notes: [] };
  if (existsSync(asked)) return fromFile(asked, options);
  const [, backend, id] = TRACE_ADDRESS.exec(asked) ?? [];
  if (backend && id)
    return fromTrace(id.toLowerCase().padStart(32, '0'), { ...options, tracesFrom: [backend] });
  const traceId = (parseTraceparent(asked)?.traceId ?? asked).toLowerCase();
  if (TRACE_ID.test(traceId)) return fromTrace(traceId, options);
  throw new RecordingError(
    `"${asked.slice(0, 80)}" is neither a file, nor a trace ID, nor a curl command, nor the address of a trace in Jaeger, Tempo or Zipkin.`,
  );
}

async function fromFile(file: string, options: AskedOptions): Promise<Asked> {
  const size = statSync(file);
  if (size.isDirectory()) throw new RecordingError(`${file} is a folder: name the file.`);
  if (SCRIPT.test(extname(file))) return { kind: 'script', file };
  const text = size.size <= MOST_TEXT_BYTES ? readFileSync(file, 'utf8') : '';
  const name = basename(file);
  if (isCurl(text))
    return { kind: 'recording', recording: readCurl(text, `the curl command in ${name}`), notes: [] };
  if (isRecorderJson(text))
    return { kind: 'recording', recording: readRecorderJson(text, `the recording ${name}`), notes: [] };
  return imported(file, name, options);
}

async function imported(file: string, name: string, { store, tracesFrom }: AskedOptions): Promise<Asked> {
  const outcome = await importFile(file, { keep: (spans) => store.append(spans) });
  if (outcome.error !== undefined)
    throw new RecordingError(
      /no format that Headwater knows/.test(outcome.error)
        ? `${name} is nothing that can be replayed: no Recorder JSON, no curl command, no Playwright script, and ${outcome.error.replace(/^.*? is in /, 'in ')}`
        : outcome.error,
    );
  if (outcome.traceIds.size === 0)
    throw new RecordingError(`${name} holds no trace (${outcome.format ?? 'no known format'}).`);
  const { failures, warnings: told } = await fetchNamed(outcome.traceIds, tracesFrom, store);
  const views: RunView[] = [];
  keepImported(outcome.traceIds, store, (view) => views.push(view));
  const warnings = [...outcome.warnings.flatMap(({ examples }) => examples), ...told];
  const slowest = views.sort((a, b) => b.report.wallNs - a.report.wallNs)[0];
  if (!slowest) throw new RecordingError(`${name} holds no trace that can be drawn.`);
  keepNewWarnings(slowest.report.traceId, warnings, store);
  const notes =
    views.length > 1
      ? [
          ...failures,
          `${name} holds ${views.length} traces; the slowest is replayed, ${slowest.report.traceId.slice(0, 8)}.`,
        ]
      : failures;
  const spans = store.spans(slowest.report.traceId);
  const recording = recordingFromSpans(spans, slowest.report.journey, `${outcome.format} ${name}`);
  return { kind: 'recording', recording, original: slowest, notes };
}

async function fromTrace(asked: string, { store, tracesFrom }: AskedOptions): Promise<Asked> {
  const [found, ...more] = store.findTrace(asked);
  if (more.length > 0)
    throw new RecordingError(`${more.length + 1} traces start with ${asked}: give more digits.`);
  if (found === undefined) await pull(asked, tracesFrom, store);
  const traceId = found ?? asked;
  const view = reopened(traceId, store) ?? restitch(traceId, store, usualFrom(store));
  if (!view || view.dropped?.spans)
    throw new RecordingError(
      leftOver(store.summary(traceId) ?? { traceId }) ?? `Trace ${traceId} has no spans in the store.`,
    );
  if (!store.run(traceId)) store.saveRun(view);
  const recording = recordingFromSpans(store.spans(traceId), view.report.journey, `trace ${traceId}`);
  return { kind: 'recording', recording, original: view, notes: [] };
}

async function pull(traceId: string, addresses: readonly string[], store: Store): Promise<void> {
  if (!/^[0-9a-f]{32}$/.test(traceId) || addresses.length === 0)
    throw new RecordingError(
      `No stored trace starts with ${traceId}. headwater list shows what is stored; a trace that lives elsewhere needs all of its ID and --traces-from ADDRESS.`,
    );
  for (const address of addresses) {
    const spans = await askedFor(traceId, address);
    if (spans.length === 0) continue;
    store.append(spans);
    return;
  }
  throw new RecordingError(
    `${addresses.join(', ')} know${addresses.length === 1 ? 's' : ''} no trace ${traceId}.`,
  );
}

async function askedFor(traceId: string, address: string): Promise<ReportedSpan[]> {
  try {
    const backend = await openBackend(backendAddress(address));
    const answer = await backend.ask(traceId);
    return (answer?.spans ?? []).map((span) => ({ ...span, traceId }));
  } catch (error) {
    throw new RecordingError((error as Error).message);
  }
}
