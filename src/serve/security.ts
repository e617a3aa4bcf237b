/**
 * What keeps other people's pages away from a server on loopback.
 *
 * DNS rebinding: a page on evil.example can point its own name at 127.0.0.1 and read whatever answers there. The
 * browser then still sends `Host: evil.example`, so only names that mean loopback are served.
 * The content security policy is the second lock: names in traces are hostile until shown otherwise.
 */
import type { MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

export const isLoopbackHost = (host: string | undefined): boolean =>
  host !== undefined && LOOPBACK_HOST.test(host);

/** Refuses with 403 every request whose `Host` is not this machine's loopback. */
export const loopbackOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  if (isLoopbackHost(host)) return next();
  const error = `This server answers only on loopback, not as "${host}". Open it as http://127.0.0.1.`;
  return c.json({ error }, 403);
};

/**
 * Refuses with 403 what another page sends. Browsers name the page's origin with every request that changes something,
 * and ask before they send JSON elsewhere; programs name none.
 */
export const sameOriginOnly: MiddlewareHandler = async (c, next) => {
  const origin = c.req.header('origin');
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  const isOwn = origin === undefined || origin === `http://${host}`;
  const isJson = c.req.method !== 'POST' || /^application\/json\b/i.test(c.req.header('content-type') ?? '');
  if (isOwn && isJson) return next();
  const error = isOwn
    ? 'Send JSON: content-type application/json.'
    : `A page of ${origin} may not change anything here.`;
  return c.json({ error }, isOwn ? 415 : 403);
};

/** No inline script or style, nothing from elsewhere, never inside a frame, types never guessed. */
export const lockedDown = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  // Plain HTTP on loopback: a promise of HTTPS would lock other local tools out.
  strictTransportSecurity: false,
});
