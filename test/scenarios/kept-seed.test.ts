import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keptSeed } from '../../scenarios/shop/kept-seed.ts';

let stateDir = '';
let made = 0;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'headwater-seed-'));
  made = 0;
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const seed = (version: string) =>
  keptSeed({
    stateDir: join(stateDir, 'kept'),
    name: 'shop-db',
    madeOf: [version],
    make: async () => {
      const data = join(stateDir, `made-${++made}`);
      mkdirSync(data);
      writeFileSync(join(data, 'version'), version);
      return data;
    },
  });

const anHourAgo = (path: string) => {
  const time = new Date(Date.now() - 3_600_000);
  utimesSync(path, time, time);
};

describe('a kept seed', () => {
  it('is made once, and made again when what it depends on has changed', async () => {
    const first = await seed('1');
    expect(await seed('1')).toBe(first);
    expect(await seed('2')).not.toBe(first);
    expect(made).toBe(2);
  });

  it('takes the place of an outdated one, and leaves what is in use and what is not its own', async () => {
    const old = await seed('1');
    const used = await seed('2');
    anHourAgo(old);
    const other = join(stateDir, 'kept', 'shop-db-notes');
    mkdirSync(other);
    anHourAgo(other);
    const now = await seed('3');
    expect([old, used, now, other].map(existsSync)).toEqual([false, true, true, true]);
    expect(readdirSync(join(stateDir, 'kept'))).toHaveLength(3);
  });
});
