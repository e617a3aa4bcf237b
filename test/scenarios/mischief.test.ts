import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFault } from '../../scenarios/faults/index.ts';
import { INJECTED_VARIABLE, injectedFile, readInjected } from '../../scenarios/shop/injected.ts';
import { type Asked, Refusal, type Routes } from '../../scenarios/shop/services/http-service.ts';
import { type ServiceTools, withMischief } from '../../scenarios/shop/services/mischief/deeds.ts';
import { MISCHIEF_VARIABLE, type Mischief } from '../../scenarios/shop/services/mischief/mischief.ts';
import { sleep } from '../../scenarios/shop/services/mischief/sleep.ts';
import { RETRY_VARIABLE } from '../../scenarios/shop/services/retry.ts';
import { healthySettings } from '../../scenarios/shop/settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headwater-mischief-'));
  process.env[INJECTED_VARIABLE] = injectedFile(folder);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  delete process.env[INJECTED_VARIABLE];
  delete process.env[MISCHIEF_VARIABLE];
});

const ROUTE = 'POST /pay';
const asked = (trace: string, flags = '01'): Asked => ({
  method: 'POST',
  url: new URL('http://shop.internal/pay'),
  headers: { traceparent: `00-${trace.padStart(32, '0')}-00000000000000aa-${flags}` },
  params: {},
  body: {},
});

/** A route whose handler says `ok`, with one deed before it. */
function spoilt(deed: Omit<Mischief, 'fault' | 'route'>, tools: ServiceTools = {}) {
  process.env[MISCHIEF_VARIABLE] = JSON.stringify([{ fault: 'f', route: ROUTE, ...deed }]);
  const routes: Routes = { [ROUTE]: () => ({ body: { ok: true } }) };
  return withMischief(routes, tools)[ROUTE]!;
}
const notedMs = (): number => readInjected(injectedFile(folder)).reduce((sum, { ms }) => sum + ms, 0);

describe('what goes wrong inside a service', () => {
  it('leaves the warm-up alone', async () => {
    const handle = spoilt({ deed: 'fail', ms: 0 });
    expect(await handle(asked('1', '00'))).toEqual({ body: { ok: true } });
    await expect(handle(asked('1'))).rejects.toThrow(Refusal);
  });

  it('fails so many times in each visit, and notes how long that took', async () => {
    const handle = spoilt({ deed: 'fail', ms: 5, options: { times: 2 } });
    for (const visit of ['a', 'b']) {
      await expect(handle(asked(visit))).rejects.toMatchObject({ status: 503 });
      await expect(handle(asked(visit))).rejects.toMatchObject({ status: 503 });
      expect(await handle(asked(visit))).toEqual({ body: { ok: true } });
    }
    expect(notedMs()).toBeGreaterThanOrEqual(4 * 4);
  });

  it('leaves it to who asked to note that, where it is told to', async () => {
    const before = notedMs();
    const handle = spoilt({ deed: 'fail', ms: 5, options: { times: 1, isNoted: false } });
    await expect(handle(asked('c'))).rejects.toMatchObject({ status: 503 });
    expect(notedMs()).toBe(before);
  });

  it('notes of waits that overlap the longest, once', async () => {
    const before = readInjected(injectedFile(folder)).length;
    const handle = spoilt({ deed: 'lag', ms: 30 });
    await Promise.all([handle(asked('d')), sleep(10).then(() => handle(asked('d')))]);
    const noted = readInjected(injectedFile(folder)).slice(before);
    expect(noted).toHaveLength(1);
    expect(noted[0]?.ms).toBeGreaterThanOrEqual(29);
  });

  it('asks for one thing after the other for as long as it was told', async () => {
    const calls: string[] = [];
    let [running, most] = [0, 0];
    const ask = (async (_: string, path: string) => {
      calls.push(path);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
    }) as NonNullable<ServiceTools['ask']>;
    await spoilt({ deed: 'askOneByOne', ms: 20 }, { ask })(asked('c'));
    expect(calls.length).toBeGreaterThan(1);
    expect(most).toBe(1);
    expect(notedMs()).toBeGreaterThanOrEqual(20);
  });

  it('goes on without an answer that did not come in time', async () => {
    const ask = ((_: string, path: string, __: unknown, limits: unknown) =>
      Promise.reject(new Error(`${path} ${JSON.stringify(limits)}`))) as NonNullable<ServiceTools['ask']>;
    const handle = spoilt({ deed: 'askWithin', ms: 7, options: { path: '/slow' } }, { ask });
    expect(await handle(asked('d'))).toEqual({ body: { ok: true } });
  });

  it('keeps a connection while the request goes on, and gives it back', async () => {
    const events: string[] = [];
    let released = Promise.resolve();
    const hold = (work: () => Promise<void>) => {
      events.push('taken');
      released = work().then(() => void events.push('given back'));
      return released;
    };
    await spoilt({ deed: 'holdConnection', ms: 30, options: { name: 'export' } }, { hold })(asked('e'));
    events.push('answered');
    await released;
    expect(events).toEqual(['taken', 'answered', 'given back']);
  });

  it('makes an answer bigger', async () => {
    const reply = await spoilt({ deed: 'pad', ms: 0, options: { bytes: 10_000 } })(asked('f'));
    expect(JSON.stringify(reply.body).length).toBeGreaterThan(10_000);
    expect(reply.body).toMatchObject({ ok: true });
  });
});

it('two faults that need tries both get theirs, whichever comes first', () => {
  const names = ['service-retry-backoff=90', 'service-downstream-error'];
  for (const order of [names, [...names].reverse()]) {
    const settings = healthySettings();
    for (const fault of order.map(parseFault)) fault.apply(settings, fault.ms ?? 50);
    const pauses = JSON.parse(settings.services.web[RETRY_VARIABLE]!) as { ms: number }[];
    expect(pauses.map(({ ms }) => ms).sort((a, b) => a - b)).toEqual([0, 30, 60]);
  }
});
