/** Sends what `/metrics` tells to an OTLP/HTTP receiver, every minute or so, while a process is up. */
import { type Counts, familiesOf } from '../metrics/families.ts';
import { otlpMetrics } from '../metrics/otlp.ts';

/** A receiver that takes longer gets the next push. */
const TIMEOUT_MS = 10_000;

export interface PushOptions {
  readonly endpoint: string;
  readonly everyMs: number;
  readonly counts: () => Counts;
  /** Headwater's. */
  readonly version: string;
  /** Told in one sentence that pushes fail, once, and that they work again. */
  readonly onNews: (sentence: string) => void;
}

/** `/v1/metrics` is added to an address without a path. */
export function otlpMetricsUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/' || url.pathname === '') url.pathname = '/v1/metrics';
  return url.href;
}

/** @returns stops it, after one last push */
export function startPushing(options: PushOptions): () => Promise<void> {
  let isFailing = false;
  const push = async (): Promise<void> => {
    const trouble = await pushOnce(options);
    if (trouble !== undefined && !isFailing) options.onNews(trouble);
    if (trouble === undefined && isFailing)
      options.onNews(`${otlpMetricsUrl(options.endpoint)} takes metrics again.`);
    isFailing = trouble !== undefined;
  };
  const timer = setInterval(() => void push(), options.everyMs);
  return async () => {
    clearInterval(timer);
    await push();
  };
}

/** @returns a sentence when the receiver did not take them */
export async function pushOnce({ endpoint, counts, version }: PushOptions): Promise<string | undefined> {
  const url = otlpMetricsUrl(endpoint);
  try {
    const now = counts();
    const nowUnixMs = Date.now();
    const startUnixMs = Math.min(nowUnixMs, ...now.totals.map(({ sinceUnixMs }) => sinceUnixMs));
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(otlpMetrics(familiesOf(now), { startUnixMs, nowUnixMs }, version)),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.ok ? undefined : `${url} does not take metrics: it answered ${response.status}.`;
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return `${url} does not take metrics: ${cause?.code ?? message}.`;
  }
}
