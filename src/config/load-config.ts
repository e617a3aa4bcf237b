/** Finds and reads `headwater.config.{ts,mts,js,mjs}` in a folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Config, configFaults } from './config.ts';
import { defaultExport, importError } from './default-export.ts';

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `headwater.config.${extension}`);

/** The file in use; undefined when there is none. */
export const findConfig = (folder: string): string | undefined =>
  NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));

/**
 * @param load imports a module, TypeScript included
 * @throws Error with a sentence that names the file and the key
 */
export async function loadConfig(
  folder: string,
  load: (url: string) => Promise<Record<string, unknown>>,
): Promise<Config> {
  const file = findConfig(folder);
  if (!file) return {};
  const module = await load(pathToFileURL(file).href).catch((error: unknown) => {
    throw new Error(`${file} could not be loaded: ${importError(error)}`);
  });
  const config = defaultExport(module);
  if (config === undefined) throw new Error(`${file} has no default export: export default { … }.`);
  const faults = configFaults(config);
  if (faults.length > 0) throw new Error(`${file} is not usable: ${faults.join('; ')}.`);
  return config as Config;
}
