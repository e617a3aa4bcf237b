/** A journey: a user path written in plain Playwright, cut into named steps. */
import type { BrowserContext, Page } from 'playwright';

export interface JourneyContext {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Runs `body` as a named part of the journey: one span, one row. Steps may be nested. */
  step<T>(name: string, body: () => Promise<T>): Promise<T>;
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
    throw new Error('A journey needs a name: defineJourney({ name: "checkout" }, …).');
  return { ...options, body };
}
