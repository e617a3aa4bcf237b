import { expect, it } from 'vitest';
import { LoopLag } from '../../probe/loop-lag.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 10));

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('bounds how late an event may have been noticed by how long the loop was busy before', async () => {
  const lag = new LoopLag();
  lag.start();
  await turn();
  block(40);
  expect(lag.boundMs()).toBeGreaterThanOrEqual(38);
  const seen = await new Promise<number>((resolve) => {
    setTimeout(() => resolve(lag.boundMs()), 0);
    block(40);
  });
  expect(seen).toBeGreaterThanOrEqual(38);
  lag.stop();
});
