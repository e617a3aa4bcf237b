/** What the probe tells of a run while it runs, on a real Chromium. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../../probe/chromium.ts';
import { defineJourney } from '../../probe/journey.ts';
import { runJourney } from '../../probe/run-journey.ts';
import { HEADWATER } from '../../src/model/attributes.ts';
import type { ReportedSpan } from '../../src/model/span.ts';
import { plainSite, type Site } from './test-site.ts';

let site: Site;
const BODY_AFTER_MS = 3_000;

beforeAll(async () => {
  site = await plainSite(async (request, response) => {
    if (request.url === '/slow') await pause(BODY_AFTER_MS);
    response.setHeader('content-type', 'text/html');
    response.end(
      "<!doctype html><title>site</title><script>fetch('/slow').then(() => { document.title = 'done'; })</script>",
    );
  });
});
afterAll(() => site?.close());

const journey = defineJourney({ name: 'wait' }, async ({ page, step, baseUrl }) => {
  await step('Open', () => page.goto(baseUrl));
  await step('Wait', () => page.waitForFunction("document.title === 'done'"));
});

const isOpen = (span: ReportedSpan | undefined) => span?.attributes[HEADWATER.open] === true;

describe('a run that is told while it runs', () => {
  it('grows, what is open says so, and none of it is in the result', async () => {
    const beats: ReportedSpan[][] = [];
    const result = await runJourney(journey, {
      baseUrl: `http://127.0.0.1:${site.port}/`,
      dns: { mode: 'system' },
      chromium: await findChromium(),
      onLive: (spans) => beats.push(spans),
    });
    expect(result.status).toBe('ok');
    const named = (name: string) => beats.map((spans) => spans.find((span) => span.name === name));
    const slow = named('GET /slow').filter((span) => span !== undefined);
    expect(slow.length).toBeGreaterThan(1);
    expect(slow.every(isOpen)).toBe(true);
    expect(slow.at(-1)!.endUnixNano).toBeGreaterThan(slow[0]!.endUnixNano);
    expect(new Set(slow.map(({ spanId }) => spanId)).size).toBe(1);
    const page = named('GET /').at(-1);
    expect([isOpen(page), page?.status.code]).toEqual([false, 'unset']);
    expect(isOpen(named('Wait').at(-1))).toBe(true);
    // What was told keeps its name in the result: whoever watches a row finds it again.
    const finals = new Map(result.spans.map((span) => [span.spanId, span]));
    for (const span of [page!, slow[0]!, named('Wait').at(-1)!])
      expect(finals.get(span.spanId)?.name).toBe(span.name);
    expect(result.spans.filter(isOpen)).toEqual([]);
  }, 60_000);

  it('is not harmed by a listener that fails', async () => {
    let told = 0;
    const onLive = () => {
      told++;
      throw new Error('the disk is full');
    };
    const options = {
      baseUrl: `http://127.0.0.1:${site.port}/`,
      dns: { mode: 'system' as const },
      chromium: await findChromium(),
      onLive,
    };
    expect((await runJourney(journey, options)).status).toBe('ok');
    expect(told).toBe(1);
  }, 60_000);
});
