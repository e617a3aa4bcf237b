/** From the steps that Playwright Test tells to a run's steps and calls. */
import { describe, expect, it } from 'vitest';
import { TestSteps } from '../../../probe/suite/test-steps.ts';

/** A clock that goes on by a millisecond whenever somebody looks. */
function ticking() {
  let now = 0n;
  return {
    now: () => {
      now += 1_000_000n;
      return now;
    },
  };
}

function told() {
  const clock = ticking();
  const steps = new TestSteps('run', clock);
  let id = 0;
  const begin = (category: string, title: string, parentStepId?: string, params = {}) => {
    const stepId = `${++id}`;
    steps.began({ stepId, category, title, parentStepId, params });
    return stepId;
  };
  const call = (apiName: string, parentStepId?: string, sent = {}, params = {}) => {
    steps.called({ apiName }, { type: 'Frame', method: 'any', params: sent });
    return begin('pw:api', 'some words', parentStepId, params);
  };
  return { steps, begin, call, end: (stepId: string) => steps.ended({ stepId }), clock };
}

describe('a test in steps', () => {
  it('leaves out that Playwright opened its own page, and begins with what the test did', () => {
    const { steps, begin, call, end } = told();
    const hooks = begin('hook', 'Before Hooks');
    const fixture = begin('fixture', 'Fixture "page"', hooks);
    end(call('browserContext.newPage', fixture));
    end(fixture);
    const goto = call('page.goto', hooks, { url: 'https://shop.example/' });
    end(goto);
    end(hooks);
    const { start, end: last } = steps.finish(0n, undefined);
    expect(steps.steps).toEqual([]);
    expect(steps.actions.map(({ name, target }) => [name, target])).toEqual([
      ['page.goto', 'https://shop.example/'],
    ]);
    expect(start).toBe(steps.actions[0]?.startUnixNano);
    expect(last).toBe(steps.actions[0]?.endUnixNano);
  });

  it('keeps a page that the test itself opened, fixtures of its own, and nests', () => {
    const { steps, begin, call, end } = told();
    const hooks = begin('hook', 'Before Hooks');
    const mine = begin('fixture', 'fixture: shop', hooks);
    end(call('browserContext.newPage', mine));
    end(mine);
    const outer = begin('test.step', 'Buy');
    const inner = begin('test.step', 'Pay', outer);
    end(call('locator.click', inner, {}, { locator: "getByRole('button')" }));
    end(inner);
    end(outer);
    const [shop, buy, pay] = steps.steps;
    expect([shop?.name, buy?.name, pay?.name]).toEqual(['fixture shop', 'Buy', 'Pay']);
    expect(pay?.parentSpanId).toBe(buy?.spanId);
    const [opened, click] = steps.actions;
    expect(opened?.parentSpanId).toBe(shop?.spanId);
    expect(click).toMatchObject({ parentSpanId: pay?.spanId, target: "getByRole('button')" });
  });

  it('keeps no typed text, though Playwright’s own words have it', () => {
    const { steps, begin, call, end } = told();
    end(call('locator.fill', undefined, { selector: 'input', value: 'secret' }, { value: 'secret' }));
    end(call('keyboard.type', undefined, { text: 'secret' }, { text: 'secret' }));
    end(begin('expect', 'Expect "toHaveText"', undefined, { locator: "locator('p')", expected: 'secret' }));
    steps.finish(0n, undefined);
    const kept = JSON.stringify(steps.actions, (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
    expect(kept).not.toContain('secret');
    expect(steps.actions.map(({ name, target }) => `${name} ${target}`)).toEqual([
      'locator.fill input',
      'keyboard.type undefined',
      "expect locator('p')",
    ]);
  });

  it('ends what a timeout left open where the test ended, with its reason; what the worker ends is not the test’s', () => {
    const { steps, begin, call } = told();
    const step = begin('test.step', 'Wait for ever');
    call('locator.click', step);
    const after = begin('hook', 'After Hooks');
    const cleanup = begin('hook', 'Worker Cleanup', after);
    begin('fixture', 'Fixture "server"', cleanup);
    steps.finish(0n, 'Test timeout of 30000ms exceeded.');
    expect(steps.steps.map(({ name, error }) => [name, error])).toEqual([
      ['Wait for ever', 'Test timeout of 30000ms exceeded.'],
    ]);
    expect(steps.actions[0]?.endUnixNano).toBe(steps.steps[0]?.endUnixNano);
  });
});
