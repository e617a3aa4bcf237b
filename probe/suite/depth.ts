/**
 * How much of a test's pages is watched.
 *
 * ```
 * // whole      DevTools, the browser's NetLog (sockets, DNS, TLS), its trace (the page's main thread)
 * // requests   DevTools alone: requests and their phases, `traceparent`, console, steps, what kept the page from drawing
 * ```
 * A suite that always carries Headwater watches first tries at their requests, as it would have Playwright's own trace
 * `on-first-retry`; who runs one with `headwater run` wants to look.
 */
export const DEPTHS = ['whole', 'requests'] as const;
export type Depth = (typeof DEPTHS)[number];

/** @throws Error for a word that is none of them: a configuration in JavaScript may hold any */
export function depthOf(word: string): Depth {
  const depth = DEPTHS.find((known) => known === word);
  if (!depth) throw new Error(`headwater: depth is ${DEPTHS.join(' or ')}, not "${word}".`);
  return depth;
}
