/**
 * The probe puts its resolver into the browser's path, and the browser's first look-up would pay for that: a
 * connection and a TLS handshake to the resolver, which nobody has without the probe. So before the journey starts the
 * page asks for a name that the resolver answers by itself.
 */
import type { Page } from 'playwright';
import { WARM_UP_NAME } from './warm-up-name.ts';

/** A browser that has not answered by then is left alone: the journey is what matters. */
const TIMEOUT_MS = 3_000;

/** Resolves when the page's look-up has come back. Never rejects: a cold start is a cost, not a failure. */
export async function warmUp(page: Page): Promise<void> {
  const asked = page.evaluate(
    (url) =>
      fetch(url)
        .catch(() => undefined)
        .then(() => true),
    `https://${WARM_UP_NAME}/`,
  );
  let timer: NodeJS.Timeout | undefined;
  const given = new Promise((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS);
  });
  await Promise.race([asked.catch(() => undefined), given]);
  clearTimeout(timer);
}
