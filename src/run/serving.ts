/** Is a `headwater serve` up, and is it a Headwater that holds this port? */
export async function serving(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/api/health`, {
      signal: AbortSignal.timeout(1_000),
    });
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'ok' in body;
  } catch {
    return false;
  }
}
