/**
 * Finds the journey that a person named: a file, the name of one in `scenarios/`, or just an address, which becomes
 * the shortest journey there is: open the page.
 *
 * A file exports, as default, either `defineJourney(…)` or a plain async function `({ page, step, baseUrl }) => …`,
 * which needs no import at all.
 */
import { existsSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { defineJourney, type Journey, type JourneyContext } from '../../probe/journey.ts';
import { defaultExport, importError } from '../config/default-export.ts';

const EXTENSIONS = ['', '.ts', '.mts', '.js', '.mjs'];

export interface LoadedJourney {
  readonly journey: Journey;
  /** Known when the journey was given as an address. */
  readonly baseUrl?: string;
}

export async function loadJourney(
  nameOrFile: string,
  scenariosDir: string,
  load: (url: string) => Promise<Record<string, unknown>>,
): Promise<LoadedJourney> {
  if (/^https?:\/\//i.test(nameOrFile)) return openPage(nameOrFile);
  const file = findFile(nameOrFile, scenariosDir);
  if (!file)
    throw new Error(
      `There is no journey "${nameOrFile}": it is neither a file, nor a name in scenarios/, nor an http(s) address.`,
    );
  const module = await load(pathToFileURL(file).href).catch((error: unknown) => {
    throw new Error(`The journey ${file} could not be loaded: ${importError(error)}`);
  });
  return { journey: journeyOf(defaultExport(module), file) };
}

function findFile(name: string, scenariosDir: string): string | undefined {
  const places = EXTENSIONS.flatMap((extension) => [
    resolve(`${name}${extension}`),
    join(scenariosDir, `${name}${extension}`),
  ]);
  return places.find((path) => extname(path) !== '' && existsSync(path));
}

function journeyOf(exported: unknown, file: string): Journey {
  const isJourney =
    typeof exported === 'object' && exported !== null && 'body' in exported && 'name' in exported;
  if (isJourney) return exported as Journey;
  if (typeof exported === 'function')
    return defineJourney(
      { name: basename(file).replace(/(\.journey)?\.\w+$/, '') },
      exported as (context: JourneyContext) => Promise<void>,
    );
  throw new Error(
    `${file} has no journey: export default async ({ page, step, baseUrl }) => { … }, or defineJourney(…).`,
  );
}

function openPage(address: string): LoadedJourney {
  if (!URL.canParse(address)) throw new Error(`"${address}" is not an address that a browser can open.`);
  const url = new URL(address);
  const journey = defineJourney({ name: url.host }, async ({ page, step, baseUrl }) => {
    await step(`Open ${url.pathname}`, async () => {
      await page.goto(baseUrl);
    });
  });
  return { journey, baseUrl: url.href };
}
