/** What a module of the user's exports as default. */

/** In a folder without `"type": "module"` a transpiled module arrives wrapped once more. */
export function defaultExport(module: Readonly<Record<string, unknown>>): unknown {
  const { default: value } = module;
  const isWrapped = typeof value === 'object' && value !== null && 'default' in value;
  return isWrapped ? (value as { default: unknown }).default : value;
}

/** A syntax error's first line says that there is one, its second where and which. */
export const importError = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 2).join(' ');
