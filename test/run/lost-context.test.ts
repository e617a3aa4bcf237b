/** A real shop in which one service does not get the trace context: what is said of it, and where its work is shown. */
import { afterAll, describe, expect, it } from 'vitest';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { Span, Trace } from '../../src/model/trace.ts';
import { stitch } from '../../src/stitch/stitch.ts';
import { ask, type Staged, stage } from './lost-context-stage.ts';

const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

async function traceOf(staged: Staged, traceId: string, path: string): Promise<Trace> {
  stops.push(staged.stop);
  await ask(staged, traceId, path);
  return stitch(staged.store.spans(traceId))!;
}

const ofService = (trace: Trace, name: string, kind = 'server'): Span[] =>
  trace.spans.filter((span) => span.component === name && span.kind === kind && span.layer === 'service');
const parentOf = (trace: Trace, span: Span) => trace.spans.find(({ spanId }) => spanId === span.parentId);
const lost = (trace: Trace): string[] =>
  trace.warnings.filter(({ code }) => code === 'context.lost').map(({ message }) => message);

describe('the trace ID is lost', () => {
  it('between the load balancer and a service: by the port of their socket, with all that hangs below', async () => {
    const trace = await traceOf(await stage('web'), `${'a'.repeat(31)}1`, '/');
    expect(lost(trace)).toEqual([
      expect.stringMatching(/^The trace ID was lost between haproxy \w+ and web: .*client port/),
    ]);
    const [web] = ofService(trace, 'web');
    expect(parentOf(trace, web!)).toMatchObject({
      source: 'haproxy',
      attributes: { [HEADWATER.type]: 'proxy' },
    });
    expect(web!.placed.join()).toContain('names no trace of ours');
    expect(ofService(trace, 'inventory').length).toBeGreaterThan(0);
    expect(trace.spans.some((span) => span.layer === 'db' && span.source === 'postgresql')).toBe(true);
  }, 120_000);

  it('between two services: by method, path and time, marked as inferred', async () => {
    const trace = await traceOf(await stage('inventory'), `${'a'.repeat(31)}2`, '/api/stock?ids=3,4');
    expect(lost(trace)).toEqual([
      expect.stringMatching(/^The trace ID was lost between web and inventory: .*path and time/),
    ]);
    const [inventory] = ofService(trace, 'inventory');
    expect(inventory).toMatchObject({ evidence: 'inferred' });
    const client = parentOf(trace, inventory!)!;
    expect(client).toMatchObject({ kind: 'client', component: 'web' });
    expect(client.placed.join()).toContain('lost on the way to inventory');
  }, 120_000);
});
