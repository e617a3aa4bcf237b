/** A port that cannot be had, in a sentence that says which one, for what, and what to do. */
export function listenError(error: unknown, what: string, host: string, port: number, option: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const at = `${what} on ${host}:${port}`;
  if (code === 'EADDRINUSE' || /EADDRINUSE/.test(message)) {
    return new Error(
      `Cannot receive ${at}: the port is in use. Stop the program that holds it, or choose another with ${option}.`,
    );
  }
  if (code === 'EACCES' || /EACCES/.test(message)) {
    return new Error(`Cannot receive ${at}: not permitted. Choose a port above 1023 with ${option}.`);
  }
  return new Error(`Cannot receive ${at}: ${message}. Choose another port with ${option}.`);
}
