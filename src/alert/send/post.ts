/** One POST of JSON to a channel, and what its answer means for trying again. Never follows a redirect. */

export type Answer =
  | { readonly took: true; readonly says: string }
  /** `again`: the same may be taken later. */
  | { readonly took: false; readonly again: boolean; readonly says: string; readonly retryAfterMs?: number };

export type Post = (url: string, body: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

/** The Standard Webhooks specification asks senders for 15 to 30 s. */
const TIMEOUT_MS = 15_000;
/** Enough to say why; nothing that a channel answers is kept in length. */
const ANSWER_READ = 300;
/** Asked too early, too often, or of a server that is not itself at the moment. */
const PASSING = new Set([408, 425, 429]);

export const post: Post = async (url, body, headers) => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'headwater', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return answerOf(response.status, response.headers.get('retry-after'), await beginningOf(response));
  } catch (error) {
    return { took: false, again: true, says: reasonOf(error) };
  }
};

export function answerOf(status: number, retryAfter: string | null, text: string): Answer {
  const says = `${status}${text ? ` ${text}` : ''}`;
  if (status >= 200 && status < 300) return { took: true, says };
  if (status >= 300 && status < 400)
    return { took: false, again: false, says: `${status}, a redirect: give the address that it leads to` };
  const retryAfterMs = retryAfterOf(retryAfter, Date.now());
  return {
    took: false,
    again: status >= 500 || PASSING.has(status),
    says,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** Seconds, or a date: RFC 9110, section 10.2.3. */
export function retryAfterOf(header: string | null, nowUnixMs: number): number | undefined {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowUnixMs);
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader && text.length < ANSWER_READ) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
  return text.slice(0, ANSWER_READ).replace(/\s+/g, ' ').trim();
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  return cause?.code ?? cause?.message ?? message;
}
