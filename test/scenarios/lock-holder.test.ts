import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { INJECTED_VARIABLE, injectedFile, readInjected } from '../../scenarios/shop/injected.ts';
import type { Ask } from '../../scenarios/shop/services/mischief/access.ts';
import type { Tools } from '../../scenarios/shop/services/mischief/deeds.ts';
import { holdLock } from '../../scenarios/shop/services/mischief/lock-holder.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'headwater-'));
  process.env[INJECTED_VARIABLE] = injectedFile(dir);
});
afterEach(() => {
  delete process.env[INJECTED_VARIABLE];
  rmSync(dir, { recursive: true });
});

/** A database whose visitor begins to wait at the third look, and says how long when asked. */
function database(system: 'postgresql' | 'mariadb') {
  const said: string[] = [];
  let looks = 0;
  const waits = () => {
    looks++;
    return looks < 3 ? [] : [{ ms: looks === 3 ? 1 : 23, since: 1_000 }];
  };
  const ask = (async (sql: string) => {
    said.push(sql);
    if (/waitstart|time_ms/.test(sql)) return waits();
    return /COMMIT/.test(sql) ? [{ ms: 1_023 }] : [];
  }) as Ask;
  const access = { system, outsider: async () => ({ ask, end: async () => {} }) };
  return { said, tools: { shop: { access } } as unknown as Tools };
}

describe.each(['postgresql', 'mariadb'] as const)('a lock held on %s', (system) => {
  it('is released some time after somebody waits, and what is noted is the database’s own account', async () => {
    const { said, tools } = database(system);
    const mischief = { fault: `lock on ${system}`, route: '', deed: '', ms: 10, options: { lock: 'row' } };
    await holdLock.prepare?.(mischief, tools);
    await holdLock(mischief, tools);
    expect(said.slice(1, 3)).toEqual(['BEGIN', expect.stringMatching(/^UPDATE/)]); // held before the request goes on
    await vi.waitFor(() => expect(readInjected(injectedFile(dir))).toHaveLength(1));
    expect(readInjected(injectedFile(dir))[0]).toMatchObject({ fault: `lock on ${system}`, ms: 23 });
    expect(said.at(-1)).toMatch(/^COMMIT/);
  });
});
