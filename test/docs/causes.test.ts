/** docs/causes.md names every cause that is a problem, and none that is not. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { tellingOf } from '../../src/analyse/causes/index.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const textOf = (path: string): string => readFileSync(at(path), 'utf8');

const CODE = /\b(?:dns|tcp|tls|lb|network|service|db|browser)\.[a-z0-9_]+(?![\w(./])/g;
const RULES = 'src/analyse/causes';
const written = readdirSync(at(RULES)).flatMap((file) => textOf(`${RULES}/${file}`).match(CODE) ?? []);

it('has a row for every problem', () => {
  const problems = [...new Set(written)].filter((cause) => tellingOf(cause)).sort();
  expect(problems.length).toBeGreaterThan(40);
  const rows = textOf('docs/causes.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => line.split('|')[1]!.match(CODE) ?? []);
  expect(rows.sort()).toEqual(problems);
});
