/** What may end a journey from outside: its time limit, the caller's signal, an interrupt from the terminal. */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interruption {
  private interrupt: (reason: Error) => void = () => undefined;
  private readonly interrupted: Promise<never>;
  private readonly timeoutMs: number;
  private readonly signal?: AbortSignal;
  private readonly onSignal = (name: string) =>
    this.interrupt(new Error(`The run was interrupted (${name}).`));
  private readonly onAbort = () => this.interrupt(new Error('The run was aborted.'));

  /** @param heedsTerminal `false`: what an interrupt from the terminal means, the caller decides */
  constructor(timeoutMs: number, signal?: AbortSignal, heedsTerminal = true) {
    this.timeoutMs = timeoutMs;
    this.signal = signal;
    this.interrupted = new Promise((_, reject) => {
      this.interrupt = reject;
    });
    this.interrupted.catch(() => undefined);
    if (heedsTerminal) for (const name of SIGNALS) process.on(name, this.onSignal);
    signal?.addEventListener('abort', this.onAbort);
    if (signal?.aborted) this.onAbort();
  }

  /** Settles as `body` does, or rejects when the interruption comes first. The time limit begins here. */
  async race<T>(body: Promise<T>): Promise<T> {
    body.catch(() => undefined);
    const reason = new Error(`The journey took longer than its limit of ${this.timeoutMs} ms.`);
    const timer = setTimeout(() => this.interrupt(reason), this.timeoutMs);
    try {
      return await Promise.race([body, this.interrupted]);
    } finally {
      clearTimeout(timer);
    }
  }

  dispose(): void {
    for (const name of SIGNALS) process.removeListener(name, this.onSignal);
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}
