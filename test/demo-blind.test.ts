/**
 * The product does not know the demo: no host, service, route, table or fault of `scenarios/` is written in the code
 * of `src/`, `probe/` or `viewer/`, so that nothing it says can be fitted to them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faults } from '../scenarios/faults/index.ts';
import * as names from '../scenarios/shop/names.ts';
import { SERVICES } from '../scenarios/shop/settings.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));

/** Comments may give examples. */
const codeOf = (path: string): string => textOf(path).replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '');
const product = ['src', 'probe', 'viewer']
  .flatMap(filesIn)
  .filter((path) => path !== join('src', 'cli', 'demo.ts'))
  .map((path) => ({ path, code: codeOf(path) }));

const matchesIn = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, m = '']) => m);
const services = filesIn('scenarios/shop/services').map(textOf).join('\n');
const seed = textOf('scenarios/shop/seed.sql');

/** Too common to be the demo's own: the viewer's files lie in `/assets` too, and a product is what a multiplication gives. */
const COMMON = new Set(['web', '/assets', 'product']);
const telling = (words: readonly string[]) => [...new Set(words)].filter((word) => !COMMON.has(word));

const KINDS = {
  hosts: telling(Object.values(names)),
  services: telling(SERVICES),
  routes: telling(
    matchesIn(services, /'(?:GET|POST) (\/[^'/:]+[^':]*)/g).map((route) => route.replace(/\/$/, '')),
  ),
  tables: telling(matchesIn(seed, /CREATE (?:UNLOGGED )?TABLE (\w+)/gi)),
  indexes: telling(matchesIn(seed, /CREATE (?:UNIQUE )?INDEX (\w+)/gi)),
  faults: telling(Object.keys(faults)),
};

const asWord = (word: string): RegExp =>
  new RegExp(`(?<![\\w.-])${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);

describe('the product does not know the demo', () => {
  it('reads both at all', () => {
    expect(product.length).toBeGreaterThan(150);
    for (const words of Object.values(KINDS)) expect(words.length).toBeGreaterThan(0);
    expect(asWord('orders').test('from orders o')).toBe(true);
  });

  it.each(Object.entries(KINDS))('names none of its %s', (_kind, words) => {
    const found = words.flatMap((word) =>
      product.filter(({ code }) => asWord(word).test(code)).map(({ path }) => `${word} in ${path}`),
    );
    expect(found).toEqual([]);
  });
});
