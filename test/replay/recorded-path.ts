/** Loads a journey's source as `headwater run` would, and walks it on a page that only notes what it is asked for. */
import type { JourneyContext } from '../../probe/journey.ts';

export interface Noted {
  /** Each call with its arguments, in order: `page.goto("https://…")`, `page.getByRole("link").first.click()`. */
  readonly calls: string[];
  readonly steps: string[];
  readonly requests: unknown[];
}

/** @throws what the source throws; a value of a regular expression is noted as it prints */
export async function walkNoted(source: string, baseUrl = 'https://shop.example'): Promise<Noted> {
  const noted: Noted = { calls: [], steps: [], requests: [] };
  const module = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    default: (context: JourneyContext) => Promise<void>;
  };
  await module.default({
    page: noting('page', noted),
    context: noting('context', noted),
    step: async (name: string, body: () => Promise<unknown>) => {
      noted.steps.push(name);
      return body();
    },
    request: async (exchange: unknown) => {
      noted.requests.push(exchange);
      return 200;
    },
    baseUrl,
  } as unknown as JourneyContext);
  return noted;
}

/** What is awaited at the end of a chain is noted as a whole. */
function noting(path: string, noted: Noted): never {
  const call = (...args: unknown[]) => noting(`${path}(${args.map(shown).join(', ')})`, noted);
  return new Proxy(call, {
    get(_, key) {
      if (key !== 'then') return noting(`${path}.${String(key)}`, noted);
      return (resolve: (value: unknown) => void) => {
        noted.calls.push(path);
        resolve(path.endsWith('evaluate(ƒ)') ? false : undefined);
      };
    },
  }) as never;
}

const shown = (value: unknown): string =>
  typeof value === 'function'
    ? 'ƒ'
    : value instanceof RegExp
      ? String(value)
      : value !== null && typeof value === 'object' && 'name' in value && value.name instanceof RegExp
        ? `{"name":${String(value.name)}}`
        : JSON.stringify(value);
