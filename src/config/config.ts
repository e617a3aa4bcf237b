/**
 * `headwater.config.ts`: what a team sets once. Everything is optional; a flag on the command line wins.
 *
 * ```ts
 * import { defineConfig } from 'headwater/config';
 * export default defineConfig({ url: 'https://staging.shop.example', dns: 'forward', settleMs: 2_000 });
 * ```
 */
import { z } from 'zod';
import { alerts } from './alerts.ts';
import { journeyGoals } from './goals.ts';
import { keep } from './keeping.ts';
import { metrics } from './metrics.ts';
import { checkJourneySchedule, journeySchedule, schedule } from './schedule.ts';

const httpAddress = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'must be an address such as https://shop.example/',
  );
const tracesFrom = z
  .string()
  .regex(
    /^((jaeger|tempo|zipkin)=)?https?:\/\/./i,
    'must be an address such as http://127.0.0.1:16686, or jaeger=, tempo= or zipkin= before it',
  );
const port = z.number().int().min(0).max(65_535);
const milliseconds = z.number().min(0);

export const configSchema = z.strictObject({
  /** Where journeys start. */
  url: httpAddress.optional(),
  /** `system`, `forward`, `forward=SERVER[,SERVER]`, or `iterative=ROOT[,ROOT]` for private roots. */
  dns: z
    .string()
    .regex(
      /^(system|forward(=.+)?|iterative=.+)$/,
      'must be system, forward, forward=SERVER[,SERVER], or iterative=ROOT[,ROOT] for private roots',
    )
    .optional(),
  /** More origins that may receive `traceparent`. */
  traceOrigins: z.array(httpAddress).optional(),
  /** SPKI pins (base64 SHA-256) of certificates to trust besides the public ones. */
  pins: z.array(z.string()).optional(),
  timeoutMs: milliseconds.optional(),
  /** How long to wait for the servers' reports after a journey. */
  settleMs: milliseconds.optional(),
  /** Where to send runs on. */
  otlpEndpoint: httpAddress.optional(),
  jaegerEndpoint: httpAddress.optional(),
  ports: z
    .strictObject({
      viewer: port.optional(),
      otlpHttp: port.optional(),
      otlpGrpc: port.optional(),
      syslog: port.optional(),
      zipkin: port.optional(),
      jaeger: port.optional(),
    })
    .optional(),
  /** Backends that hold the servers' traces: `http://127.0.0.1:16686`, or `jaeger=`, `tempo=`, `zipkin=` before it. */
  tracesFrom: z.array(tracesFrom).optional(),
  /** Log files of servers to follow: PostgreSQL jsonlog, MariaDB slow log, and every other log that is read. */
  logs: z.array(z.string()).optional(),
  /** The same, by its first name. */
  postgresLogs: z.array(z.string()).optional(),
  /** Agents of hosts that are asked what their kernels saw: `http://10.0.0.5:4320`, a token before the `@`. */
  agents: z.array(httpAddress).optional(),
  /** By name: what `headwater schedule` walks, when, and what it may take. */
  journeys: z
    .record(
      z.string().min(1, 'a journey needs a name'),
      z.strictObject({ ...journeySchedule, ...journeyGoals }).superRefine(checkJourneySchedule),
    )
    .optional(),
  schedule: schedule.optional(),
  alerts: alerts.optional(),
  keep: keep.optional(),
  metrics: metrics.optional(),
});

export type Config = z.infer<typeof configSchema>;

/** Gives an editor the types; changes nothing. */
export const defineConfig = (config: Config): Config => config;

/** One sentence for everything that is wrong, each naming its key. */
export function configFaults(value: unknown): string[] {
  const result = configSchema.safeParse(value);
  if (result.success) return [];
  return result.error.issues.map((issue) => {
    const key = issue.path.join('.');
    return key === '' ? issue.message : `${key}: ${issue.message}`;
  });
}
