/**
 * The inside of a shop process that runs on Node: says when it is ready, and ends when it is told to or when the
 * process that started it is gone (the IPC channel closes then), so that nothing is left behind.
 */

/** A stuck exporter must not keep the shop from ending. */
const STOP_LIMIT_MS = 2_000;

/** Tells the starter that this part takes requests, with what only the part can know (its ports). */
export function announceReady(details: Readonly<Record<string, unknown>>): void {
  process.send?.({ ready: details });
}

/** What a part is told once other parts run: where they are. */
export function addressesOfOthers(): Promise<Readonly<Record<string, string>>> {
  return new Promise((resolve) => {
    process.once('message', (message) =>
      resolve((message as { addresses: Record<string, string> }).addresses),
    );
  });
}

/** Runs `stop` once, on SIGTERM or when the starter is gone, then exits. */
export function whenToldToStop(stop: () => Promise<void>): void {
  let stopping = false;
  const end = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
}

/** A variable that the part cannot do without. */
export function requiredVariable(name: string, variables: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const value = variables[name];
  if (!value) throw new Error(`This part of the demo shop needs the environment variable ${name}.`);
  return value;
}
