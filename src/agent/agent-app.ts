/**
 * The agent's API, as a Hono app that can be asked without a port.
 *
 *   GET    /health            { ok: true, host, runs }
 *   POST   /samples/:traceId  begin to sample for this run: 201 `Begun`; 409 when it has begun already
 *   DELETE /samples/:traceId  end, and tell: 200 `Answer`; 404 when nobody began it, or it lasted too long
 *
 * With a token each question needs `Authorization: Bearer TOKEN`. Errors are JSON: { error: sentence }.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { isTraceId } from '../model/ids.ts';
import { isLoopbackHost } from '../serve/security.ts';
import type { Answer, Begun } from './answer.ts';
import type { Sampler } from './sampler.ts';

export interface AgentAppOptions {
  readonly sampler: Sampler;
  /** As lanes and clocks will call this machine. */
  readonly host: string;
  /** Without one, only this machine is answered. */
  readonly token?: string;
}

/** Each holds its readings until it is ended; more at once is no use that we know of. */
const MAX_RUNS = 16;

export function createAgentApp({ sampler, host, token }: AgentAppOptions): Hono {
  const app = new Hono();
  app.use(noPages);
  app.use(token === undefined ? thisMachineOnly : withToken(token));
  app.get('/health', (c) => c.json({ ok: true, host, runs: sampler.runs }));
  app.post('/samples/:traceId', (c) => begin(c, c.req.param('traceId'), sampler, host));
  app.delete('/samples/:traceId', (c) => end(c, c.req.param('traceId'), sampler, host));
  app.notFound((c) => c.json({ error: `There is no ${c.req.method} ${c.req.path} in this API.` }, 404));
  app.onError((error, c) => c.json({ error: `The agent could not answer: ${error.message}` }, 500));
  return app;
}

async function begin(c: Context, traceId: string, sampler: Sampler, host: string): Promise<Response> {
  const receivedUnixNano = String(sampler.now());
  if (!isTraceId(traceId)) return notATraceId(c, traceId);
  if (sampler.isSampling(traceId)) return c.json({ error: `Run ${traceId} has begun already.` }, 409);
  if (sampler.runs >= MAX_RUNS)
    return c.json({ error: `${MAX_RUNS} runs are on already: end one, or wait for it.` }, 429);
  await sampler.begin(traceId);
  const clock = { receivedUnixNano, answeredUnixNano: String(sampler.now()) };
  return c.json({ version: 1, host, clock } satisfies Begun, 201);
}

async function end(c: Context, traceId: string, sampler: Sampler, host: string): Promise<Response> {
  const receivedUnixNano = String(sampler.now());
  if (!isTraceId(traceId)) return notATraceId(c, traceId);
  const told = await sampler.end(traceId);
  if (!told) return c.json({ error: `Run ${traceId} is not on: it was not begun, or lasted too long.` }, 404);
  const clock = { receivedUnixNano, answeredUnixNano: String(sampler.now()) };
  return c.json({ version: 1, host, clock, ...told } satisfies Answer);
}

const notATraceId = (c: Context, given: string): Response =>
  c.json({ error: `"${given.slice(0, 80)}" is not a trace ID: 32 hex digits, not all zero.` }, 400);

/** A browser names the page that asks; no page has business here. */
const noPages: MiddlewareHandler = async (c, next) => {
  if (c.req.header('origin') === undefined) return next();
  return c.json({ error: 'Web pages are not answered.' }, 403);
};

const thisMachineOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  if (isLoopbackHost(host)) return next();
  return c.json({ error: `This agent answers only on loopback, not as "${host}".` }, 403);
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const withToken = (token: string): MiddlewareHandler => {
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    if (timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected)) return next();
    c.header('WWW-Authenticate', 'Bearer');
    return c.json(
      { error: 'The token is missing or wrong: set HEADWATER_AGENT_TOKEN as on the agent.' },
      401,
    );
  };
};
