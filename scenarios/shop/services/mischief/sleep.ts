/** Waits without work; resolves to the milliseconds that it really took. Timers fire a little early or late. */
export async function sleep(ms: number): Promise<number> {
  const startMs = performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  return performance.now() - startMs;
}
