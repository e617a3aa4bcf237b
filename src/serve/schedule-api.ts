/**
 * The schedule, seen and steered from outside.
 *
 *   GET  /api/schedule                 ScheduleStanding; its state is `off` where nothing is scheduled
 *   POST /api/schedule/pause  resume   { journey? }: one journey, or everything → ScheduleStanding
 *   POST /api/schedule/run             { journey }: as soon as there is a place → ScheduleStanding
 *   GET  /health                       ScheduleHealth; 200 while the loop is alive and not late, else 503
 */
import type { Context, Hono } from 'hono';
import type { ScheduleHealth, ScheduleStanding } from '../model/schedule.ts';
import { Refused } from '../schedule/refused.ts';
import { sameOriginOnly } from './security.ts';

/** What the routes ask of a scheduler. What cannot be done is thrown as Refused. */
export interface Scheduling {
  standing(): ScheduleStanding;
  health(): ScheduleHealth;
  pause(journey?: string): void;
  resume(journey?: string): void;
  runNow(journey: string): void;
}

const off = (): ScheduleStanding => ({
  ...{ nowUnixMs: Date.now(), state: 'off', paused: false, concurrency: 0 },
  ...{ journeys: [], recent: [] },
});

export function scheduleApi(app: Hono, schedule: Scheduling | undefined): void {
  app.get('/api/schedule', (c) => c.json(schedule?.standing() ?? off()));
  if (!schedule) return;
  app.get('/health', (c) => {
    const health = schedule.health();
    c.header('Cache-Control', 'no-store');
    return c.json(health, health.ok ? 200 : 503);
  });
  app.use('/api/schedule/*', sameOriginOnly);
  app.post('/api/schedule/pause', (c) => answer(c, schedule, (journey) => schedule.pause(journey)));
  app.post('/api/schedule/resume', (c) => answer(c, schedule, (journey) => schedule.resume(journey)));
  app.post('/api/schedule/run', (c) =>
    answer(c, schedule, (journey) => {
      if (journey === undefined) throw new Refused('Which journey? Give { "journey": NAME }.');
      schedule.runNow(journey);
    }),
  );
}

async function answer(
  c: Context,
  schedule: Scheduling,
  act: (journey: string | undefined) => void,
): Promise<Response> {
  const body: unknown = await c.req.json().catch(() => undefined);
  const journey = body === null || typeof body !== 'object' ? null : (body as { journey?: unknown }).journey;
  if (journey !== undefined && typeof journey !== 'string')
    return c.json({ error: 'Give a JSON object: { "journey": NAME }, or {} for everything.' }, 400);
  try {
    act(journey);
  } catch (error) {
    if (error instanceof Refused) return c.json({ error: error.message }, 409);
    throw error;
  }
  return c.json(schedule.standing());
}
