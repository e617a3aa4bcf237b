import { get } from 'node:http';
import { json } from 'node:stream/consumers';

/**
 * Is a `headwater serve` up, and is it a Headwater that holds this port?
 *
 * By `node:http`, which is loaded anyway: `fetch` is 40 ms of work for a process that asks nothing else.
 */
export function serving(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(1_000);
    const request = get({ host: '127.0.0.1', port, path: '/api/health', signal }, (response) => {
      json(response).then(
        (body) => resolve(typeof body === 'object' && body !== null && 'ok' in body),
        () => resolve(false),
      );
    });
    request.once('error', () => resolve(false));
  });
}
