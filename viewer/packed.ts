/**
 * What a file that carries its run with it knows, set by its first script before the viewer starts. Such a file has
 * no server: the viewer asks it instead, and keeps its address after the `#`.
 */
export interface Pack {
  /** The address shown first, `/run/4bf9…`. */
  readonly start: string;
  /** Answers of the API by path; undefined for what the file does not hold. */
  answer(path: string): Promise<Response> | undefined;
  /** `data:` address of a picture of the run, by its path in the API. */
  picture(path: string): string | undefined;
}

export const pack: Pack | undefined = (globalThis as { headwaterPack?: Pack }).headwaterPack;
