/**
 * A script that Playwright's codegen wrote, `test('…', async ({ page }) => { … })`, as a journey, without a test runner:
 * its import of `@playwright/test` is answered by a stand-in that keeps the tests, and Playwright's own `expect`.
 *
 * Read: `test`, `test.describe`, `test.step`, `test.beforeEach`, `test.use` (viewport, locale). Projects, fixtures and retries are the
 * runner's: a suite that needs them is walked by `headwater run`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineJourney, type Journey, type JourneyContext } from '../../../probe/journey.ts';
import { originOf } from '../addresses.ts';
import type { Conditions } from '../conditions.ts';
import { RecordingError } from '../recording.ts';

export interface LoadedSpec {
  readonly journey: Journey;
  readonly baseUrl?: string;
  readonly conditions: Conditions;
}

type Body = (fixtures: Pick<JourneyContext, 'page' | 'context'>) => Promise<void>;
interface Kept {
  readonly name: string;
  readonly body: Body;
}

const IMPORT = /import\s*\{[^}]*\}\s*from\s*['"]@playwright\/test['"];?/;
const REQUIRE = /const\s*\{[^}]*\}\s*=\s*require\(\s*['"]@playwright\/test['"]\s*\);?/;
const STAND_IN = 'headwater.spec';

export const isSpec = (text: string): boolean => IMPORT.test(text) || REQUIRE.test(text);

/** @param baseUrl where it is to be walked instead of where it was recorded */
export async function loadSpec(
  file: string,
  baseUrl: string | undefined,
  load: (url: string) => Promise<Record<string, unknown>>,
): Promise<LoadedSpec> {
  const text = readFileSync(file, 'utf8');
  const recordedAt = originOf(/\.goto\(\s*['"`](https?:[^'"`]+)/.exec(text)?.[1] ?? '');
  const moved = recordedAt && baseUrl ? text.replaceAll(recordedAt, new URL(baseUrl).origin) : text;
  const spec = new Spec();
  await spec.load(moved, extname(file), load);
  if (spec.tests.length === 0) throw new RecordingError(`${file} has no test that could be walked.`);
  const name = basename(file).replace(/(\.spec|\.test)?\.\w+$/, '');
  return {
    journey: defineJourney({ name }, (context) => spec.walk(context)),
    ...(recordedAt ? { baseUrl: recordedAt } : {}),
    conditions: spec.conditions,
  };
}

class Spec {
  readonly tests: Kept[] = [];
  readonly #before: Body[] = [];
  #step: JourneyContext['step'] | undefined;
  conditions: Conditions = {};

  async load(
    text: string,
    extension: string,
    load: (url: string) => Promise<Record<string, unknown>>,
  ): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'headwater-spec-'));
    const holder = globalThis as unknown as Record<symbol, unknown>;
    try {
      const copy = join(
        folder,
        `spec${extension === '.ts' ? '.mts' : extension === '.js' ? '.mjs' : extension}`,
      );
      const standIn = `const { test, expect } = globalThis[Symbol.for('${STAND_IN}')];`;
      writeFileSync(copy, text.replace(IMPORT, standIn).replace(REQUIRE, standIn));
      // Loaded for scripts only: it brings most of a test runner along.
      const { expect } = await import('playwright/test');
      holder[Symbol.for(STAND_IN)] = { test: this.#test(), expect };
      await load(pathToFileURL(copy).href);
    } catch (error) {
      throw new RecordingError(`The script could not be loaded: ${(error as Error).message.split('\n')[0]}`);
    } finally {
      delete holder[Symbol.for(STAND_IN)];
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #test() {
    const keep = (name: string, ...rest: unknown[]) => {
      const body = rest.at(-1);
      if (typeof body === 'function') this.tests.push({ name, body: body as Body });
    };
    return Object.assign(keep, {
      only: keep,
      describe: (...args: unknown[]) => (args.at(-1) as () => void)(),
      skip: () => undefined,
      beforeEach: (body: Body) => void this.#before.push(body),
      use: (options: Conditions) => {
        const { viewport, locale } = options;
        this.conditions = { ...this.conditions, ...(viewport && { viewport }), ...(locale && { locale }) };
      },
      step: (name: string, body: () => Promise<unknown>) => this.#step?.(name, body),
    });
  }

  async walk({ page, context, step }: JourneyContext): Promise<void> {
    this.#step = step;
    for (const { name, body } of this.tests)
      await step(name, async () => {
        for (const before of this.#before) await before({ page, context });
        await body({ page, context });
      });
  }
}
