/** Agents of hosts as witnesses of a run: told when it begins and when it ends, asked what the kernel saw. */
import { startUnixClock } from '../../probe/unix-clock.ts';
import { type Answer, readAnswer, readBegun } from '../agent/answer.ts';
import { boundsOf, type ClockBounds, intersect, offsetFor } from '../agent/clock-bounds.ts';
import { connectionSpans } from '../agent/connection-spans.ts';
import type { Warning } from '../model/span.ts';
import { HOST_FILES, type HostSamples } from './host-samples.ts';
import type { Testimony, Witness } from './witness.ts';

/** An agent begins in a few ms; the journey waits no longer than this for one that does not answer. */
const BEGIN_LIMIT_MS = 2_000;
const END_LIMIT_MS = 10_000;
/** Ten minutes of twenty lanes are 3 MB. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/**
 * @param address `http://HOST:4320`, or with the agent's token as `http://TOKEN@HOST:4320`
 * @param token for agents whose address has none
 */
export function agentWitness(address: string, token?: string): Witness {
  const url = new URL(address);
  const own = decodeURIComponent(url.password || url.username);
  url.username = '';
  url.password = '';
  const name = `agent at ${url.host}`;
  const ask = askerOf(url, own || token);
  const clock = startUnixClock();
  /** By trace id: what is known of the agent's clock, or why the agent is of no use. */
  const begun = new Map<string, ClockBounds | Warning>();
  return {
    name,
    async begin(traceId) {
      const askedUnixNano = clock.now();
      const said = await ask('POST', traceId, BEGIN_LIMIT_MS);
      const answer = readBegun(said.body);
      if (said.fault !== undefined || !answer)
        begun.set(traceId, warning('agent.unreachable', name, said.fault ?? NOT_AN_AGENT));
      else begun.set(traceId, boundsOf(askedUnixNano, answer.clock, clock.now()));
    },
    async end(traceId) {
      const start = begun.get(traceId);
      begun.delete(traceId);
      if (!start) return NOTHING;
      if ('code' in start) return { ...NOTHING, warnings: [start] };
      const askedUnixNano = clock.now();
      const said = await ask('DELETE', traceId, END_LIMIT_MS);
      const gotUnixNano = clock.now();
      const answer = readAnswer(said.body);
      if (said.fault !== undefined || !answer)
        return { ...NOTHING, warnings: [warning('agent.lost', name, said.fault ?? NOT_AN_AGENT)] };
      return testimonyOf(
        traceId,
        answer,
        intersect(start, boundsOf(askedUnixNano, answer.clock, gotUnixNano)),
      );
    },
  };
}

const NOTHING: Testimony = { spans: [], warnings: [] };
const NOT_AN_AGENT = 'what answers there is no agent of this version';

const warning = (code: string, name: string, fault: string): Warning => ({
  code,
  where: name,
  message: `The ${name} told nothing of this run: ${fault}. Is headwater agent up there?`,
});

function testimonyOf(traceId: string, answer: Answer, bounds: ClockBounds): Testimony {
  const samples: HostSamples = {
    version: 1,
    host: answer.host,
    clockOffsetNs: offsetFor(bounds),
    lanes: answer.lanes,
    cost: answer.cost,
  };
  const file = {
    name: `${HOST_FILES}${answer.host.replace(/[^\w.-]/g, '_')}.json`,
    mediaType: 'application/json',
    body: new TextEncoder().encode(JSON.stringify(samples)),
  };
  return {
    spans: connectionSpans(traceId, answer, bounds),
    warnings: answer.warnings.map((told) => ({ ...told, where: `${answer.host}: ${told.where}` })),
    files: answer.lanes.length > 0 ? [file] : [],
  };
}

interface Said {
  readonly body?: unknown;
  /** Continues "The agent told nothing of this run: ". */
  readonly fault?: string;
}

function askerOf(url: URL, token: string | undefined) {
  return async (method: 'POST' | 'DELETE', traceId: string, limitMs: number): Promise<Said> => {
    try {
      const response = await fetch(new URL(`/samples/${traceId}`, url), {
        method,
        headers: token ? { authorization: `Bearer ${token}` } : {},
        redirect: 'error',
        signal: AbortSignal.timeout(limitMs),
      });
      const body: unknown = JSON.parse(await textOf(response));
      return response.ok
        ? { body }
        : { fault: errorIn(body) ?? `it answered with status ${response.status}` };
    } catch (error) {
      return { fault: faultOf(error, limitMs) };
    }
  };
}

async function textOf(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`its answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function errorIn(body: unknown): string | undefined {
  const error = (body as { error?: unknown } | null)?.error;
  return typeof error === 'string' ? error.slice(0, 300).replace(/\.$/, '') : undefined;
}

function faultOf(error: unknown, limitMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer in ${limitMs / 1_000} s`;
  if (error instanceof SyntaxError) return NOT_AN_AGENT;
  const cause = error.cause as { message?: string } | undefined;
  return cause?.message ?? error.message;
}
