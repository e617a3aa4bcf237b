/** Asks the server. Every failure becomes a sentence that says what to do. */
import { columnsOf } from '../src/analyse/columns/columns-of.ts';
import type { RunColumns } from '../src/model/columns.ts';
import type { RunSummary, RunView } from '../src/model/report.ts';
import { pack } from './packed.ts';

export class AskError extends Error {
  constructor(
    message: string,
    /** The run is under way: ask again later. */
    readonly running = false,
    /** Its spans were dropped; the rest of it is there. */
    readonly dropped = false,
  ) {
    super(message);
  }
}

export const fetchRuns = (): Promise<RunSummary[]> => ask<RunSummary[]>('/api/runs');
export const fetchRun = (traceId: string): Promise<RunView> =>
  ask<RunView>(`/api/runs/${encodeURIComponent(traceId)}`);

/** Changes something. @throws AskError whose message is a sentence for the person */
export async function send<T>(path: string, body: object): Promise<T> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const response = await respond(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && answer !== undefined) return answer as T;
  return refuseAs(response, answer);
}

/** @param path of the API, `/api/runs`. @throws AskError whose message is a sentence for the person */
export async function ask<T>(path: string): Promise<T> {
  const response = await respond(path);
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return body as T;
  return refuseAs(response, body);
}

function refuseAs(response: Response, body: unknown): never {
  const { error, running, dropped } = (body ?? {}) as {
    error?: string;
    running?: boolean;
    dropped?: boolean;
  };
  throw new AskError(
    error ?? `The server answered ${response.status} without saying why.`,
    running === true,
    dropped === true,
  );
}

/** The run as columns, packed. Undefined in a file that carries its run as JSON only. */
export async function fetchPackedColumns(traceId: string): Promise<Uint8Array | undefined> {
  const path = `/api/runs/${encodeURIComponent(traceId)}/columns`;
  return pack && !pack.answer(path) ? undefined : askBytes(path);
}

export const fetchRunAsColumns = async (traceId: string): Promise<RunColumns> =>
  columnsOf(await fetchRun(traceId));

/** @throws AskError whose message is a sentence for the person */
export async function askBytes(path: string): Promise<Uint8Array> {
  const response = await respond(path);
  if (response.ok) return new Uint8Array(await response.arrayBuffer());
  return refuseAs(response, await response.json().catch(() => undefined));
}

/** The server's response, or what the page itself carries. @throws AskError when neither answers */
async function respond(
  path: string,
  request: RequestInit = { headers: { accept: 'application/json' } },
): Promise<Response> {
  if (pack) return (await pack.answer(path)) ?? refuse(NOT_IN_FILE);
  try {
    return await fetch(path, request);
  } catch {
    return noAnswer();
  }
}

const noAnswer = (): never =>
  refuse(
    `No answer from ${location.host}. Is the server still up? Start it with \`npx headwater serve\`; this page asks again when you press Try again.`,
  );

const NOT_IN_FILE =
  'This file holds one run, and not what was asked for. The server that made it knows more.';

function refuse(sentence: string): never {
  throw new AskError(sentence);
}
