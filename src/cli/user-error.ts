/** What a person can mend: printed as a sentence, never as a stack trace. The exit codes are a contract with scripts. */
export const EXIT = {
  fine: 0,
  /** The journey failed, or broke a budget. */
  failed: 1,
  /** Unusable input or usage. */
  usage: 2,
  /** The environment lacks something; `headwater doctor` says what. */
  environment: 3,
} as const;

export class UserError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a part that throws plain Errors and gives what it throws an exit code. */
export async function withExitCode<T>(exitCode: number, part: () => Promise<T> | T): Promise<T> {
  try {
    return await part();
  } catch (error) {
    throw error instanceof UserError ? error : new UserError(messageOf(error), exitCode);
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
