/** A journey: a user path written in plain Playwright, cut into named steps. */
import type { BrowserContext, Page } from 'playwright';

/** One HTTP exchange by itself: the browser sends it as it would open a page, with this method, headers and body. */
export interface JourneyRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface JourneyContext {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Runs `body` as a named part of the journey: one span, one row. Steps may be nested. */
  step<T>(name: string, body: () => Promise<T>): Promise<T>;
  /** Sends one exchange, waits for all of its answer, and gives back the status. */
  request(exchange: JourneyRequest): Promise<number>;
  /** Where the journey starts; without a closing slash. */
  readonly baseUrl: string;
}

export interface JourneyOptions {
  readonly name: string;
  /** More origins, besides the base URL's own, that may receive `traceparent`. */
  readonly origins?: readonly string[];
}

export interface Journey extends JourneyOptions {
  readonly body: (context: JourneyContext) => Promise<void>;
}

export function defineJourney(options: JourneyOptions, body: Journey['body']): Journey {
  if (!options.name?.trim())
    throw new Error('A journey needs a name: defineJourney({ name: "sign-in" }, …).');
  return { ...options, body };
}
