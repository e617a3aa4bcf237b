/**
 * Asks a backend where a team's traces already live for one trace, over its HTTP API.
 *
 * | kind   | known by                          | trace                          | not there (yet)        |
 * |--------|-----------------------------------|--------------------------------|------------------------|
 * | jaeger | `/api/services` → {"data": …}     | `/api/traces/{id}?raw=true`    | 404                    |
 * | zipkin | `/api/v2/services` → a list       | `/api/v2/trace/{id}`           | 404                    |
 * | tempo  | `/api/echo` → echo                | `/api/traces/{id}`, protobuf   | 404, or an empty trace |
 *
 * Jaeger is asked for the raw trace: it would move spans of other hosts otherwise. Tempo's protobuf is laid out as
 * OTLP's request; where it answers in JSON all the same, that is read. A name and password in the address are sent as
 * basic authentication.
 *
 * https://www.jaegertracing.io/docs/1.76/apis/ · https://zipkin.io/zipkin-api/ · https://grafana.com/docs/tempo/latest/api_docs/
 */
import { readJaegerJson } from '../import/jaeger-json.ts';
import { readOtlpProtobuf } from '../import/otlp.ts';
import { readTempoJson } from '../import/tempo-json.ts';
import { readZipkinJson } from '../import/zipkin-json.ts';
import type { ImportResult } from '../model/span.ts';

export const BACKEND_KINDS = ['jaeger', 'tempo', 'zipkin'] as const;
export type BackendKind = (typeof BACKEND_KINDS)[number];

export interface BackendAddress {
  /** Without a name and password, without a slash at the end. */
  readonly url: string;
  /** To be found out when absent. */
  readonly kind?: BackendKind;
  readonly authorization?: string;
}

export interface TraceBackend {
  readonly kind: BackendKind;
  readonly url: string;
  /** @returns undefined when the backend does not know the trace (yet). @throws Error with a sentence */
  ask(traceId: string): Promise<ImportResult | undefined>;
}

/** Far more than an answer on a healthy network takes. */
export const TIMEOUT_MS = 2_000;
/** As much as an OTLP message may be. */
const MAX_BYTES = 64 * 1024 * 1024;

const ADDRESS = /^(?:(jaeger|tempo|zipkin)=)?(https?:\/\/.+)$/i;

/** `http://127.0.0.1:16686`, `zipkin=https://name:password@traces.example/base/`. @throws Error with a sentence */
export function backendAddress(text: string): BackendAddress {
  const [, kind, address = ''] = ADDRESS.exec(text) ?? [];
  if (!URL.canParse(address))
    throw new Error(
      'It must be an address such as http://127.0.0.1:16686, or jaeger=, tempo= or zipkin= before it.',
    );
  const url = new URL(address);
  const { username, password } = url;
  [url.username, url.password, url.search, url.hash] = ['', '', '', ''];
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    url: url.href.replace(/\/+$/, ''),
    ...(kind ? { kind: kind.toLowerCase() as BackendKind } : {}),
    ...(username ? { authorization: `Basic ${Buffer.from(secret).toString('base64')}` } : {}),
  };
}

/** Finds out which kind answers there. @throws Error with a sentence that says what to do */
export async function openBackend(address: BackendAddress): Promise<TraceBackend> {
  const kind = address.kind ?? (await kindOf(address));
  return { kind, url: address.url, ask: (traceId) => READERS[kind](address, traceId) };
}

async function kindOf(address: BackendAddress): Promise<BackendKind> {
  const said = await Promise.all(
    BACKEND_KINDS.map(async (kind) => ((await isKind[kind](address)) ? kind : undefined)),
  );
  const kind = said.find((found) => found !== undefined);
  if (kind) return kind;
  throw new Error(
    `What answers at ${address.url} is neither Jaeger, Tempo nor Zipkin. Give the address of its HTTP API, or say which: jaeger=${address.url}`,
  );
}

const isKind: Readonly<Record<BackendKind, (address: BackendAddress) => Promise<boolean>>> = {
  jaeger: async (address) => {
    const answer = await json(address, '/api/services');
    return typeof answer === 'object' && answer !== null && 'data' in answer;
  },
  zipkin: async (address) => Array.isArray(await json(address, '/api/v2/services')),
  tempo: async (address) => (await get(address, '/api/echo'))?.text().trim() === 'echo',
};

async function json(address: BackendAddress, path: string): Promise<unknown> {
  try {
    return JSON.parse((await get(address, path))?.text() ?? 'null');
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

type Read = (address: BackendAddress, traceId: string) => Promise<ImportResult | undefined>;

const READERS: Readonly<Record<BackendKind, Read>> = {
  jaeger: async (address, traceId) => {
    const answer = await get(address, `/api/traces/${traceId}?raw=true`);
    return answer && readJaegerJson(answer.text());
  },
  zipkin: async (address, traceId) => {
    const answer = await get(address, `/api/v2/trace/${traceId}`);
    return answer && readZipkinJson(answer.text());
  },
  tempo: async (address, traceId) => {
    const answer = await get(address, `/api/traces/${traceId}`, 'application/protobuf');
    if (!answer) return undefined;
    return answer.type.includes('json') ? readTempoJson(answer.text()) : readOtlpProtobuf(answer.body);
  },
};

interface Answer {
  readonly type: string;
  readonly body: Buffer;
  text(): string;
}

/** @returns undefined for 404. @throws Error with a sentence for everything else that is no answer */
async function get(
  { url, authorization }: BackendAddress,
  path: string,
  accept = 'application/json',
): Promise<Answer | undefined> {
  const headers = { accept, ...(authorization ? { authorization } : {}) };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(`${url}${path}`, { headers, signal });
    const body = await bodyOf(response, url);
    if (response.status === 404) return undefined;
    if (!response.ok)
      throw new AnswerError(`${url} answered ${response.status}: ${advice(response.status)}.`);
    return { type: response.headers.get('content-type') ?? '', body, text: () => body.toString() };
  } catch (error) {
    throw error instanceof AnswerError ? error : new AnswerError(`${url} ${whyNot(error)}`);
  }
}

class AnswerError extends Error {}

async function bodyOf(response: Response, url: string): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > MAX_BYTES)
      throw new AnswerError(`${url} answered more than ${MAX_BYTES} bytes: it is left unread.`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const advice = (status: number): string =>
  status === 401 || status === 403
    ? 'it wants to know who asks; put name:password@ before the host'
    : 'look into its log';

function whyNot(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError')
    return `did not answer within ${TIMEOUT_MS / 1_000} s: is it the right address?`;
  const { code, message: why = message } = (cause ?? {}) as NodeJS.ErrnoException;
  const reason = code ?? why;
  return `could not be reached (${reason}): start it, or leave --traces-from (config: tracesFrom) out.`;
}
