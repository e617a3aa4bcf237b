/** Another piece of work of the same service has a connection to the database, and keeps it for a while. */
import { trace } from '@opentelemetry/api';
import { noteInjected } from '../../injected.ts';
import type { Deed } from './deeds.ts';
import { sleep } from './sleep.ts';

export const holdConnection: Deed = async ({ fault, ms, options = {} }, { hold }) => {
  if (!hold) throw new Error('This service has no database.');
  await new Promise<void>((held, fail) => {
    const tracer = trace.getTracer('shop');
    // A trace of its own: it is not part of what the customer asked for.
    tracer.startActiveSpan(String(options.name), { root: true }, async (span) => {
      // The request goes on and asks for a connection as soon as this one is taken.
      await hold(async () => {
        held();
        noteInjected(fault, await sleep(ms));
      }).catch(fail);
      span.end();
    });
  });
};
