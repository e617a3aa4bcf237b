/** How one service asks another, over instrumented `http` and connections that stay open. */
import { Refusal } from './http-service.ts';
import { pauseBefore } from './retry.ts';
import { instrumentedHttp } from './telemetry.ts';

export interface AskLimits {
  /** The call is given up when there is no answer after this long. */
  readonly limitMs?: number;
}

export type Ask = <T>(method: string, path: string, body?: unknown, limits?: AskLimits) => Promise<T>;

/** A refusal there is a refusal here; one that says "not now" (503) is tried again where that was configured. */
export function serviceClient(baseUrl: string): Ask {
  const http = instrumentedHttp();
  const agent = new http.Agent({ keepAlive: true });
  const once: Ask = <T>(method: string, path: string, body?: unknown, { limitMs }: AskLimits = {}) =>
    new Promise<T>((resolve, reject) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const headers = json
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }
        : {};
      const signal = limitMs === undefined ? {} : { signal: AbortSignal.timeout(limitMs) };
      const given = { method, agent, headers, ...signal };
      const request = http.request(new URL(path, baseUrl), given, async (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        const status = response.statusCode ?? 500;
        if (status < 400) resolve(answer as T);
        else
          reject(new Refusal(status, (answer as { error?: string }).error ?? `${path} answered ${status}.`));
      });
      request.on('error', reject);
      request.end(json);
    });
  return async (...asked) => {
    for (let tries = 1; ; tries++) {
      const startMs = performance.now();
      try {
        return await once(...asked);
      } catch (error) {
        const isLater = error instanceof Refusal && error.status === 503;
        if (!isLater || !(await pauseBefore(tries, performance.now() - startMs))) throw error;
      }
    }
  };
}
