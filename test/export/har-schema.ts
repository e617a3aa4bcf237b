/**
 * HAR 1.2 as its specification has it (http://www.softwareishard.com/blog/har-12-spec/), strict where it says "required",
 * and the checks that Chrome's developer tools make when a file is dropped on them: dates that are dates, numbers that
 * are numbers, whatever is custom begins with an underscore.
 */
import { z } from 'zod';

const DATE = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/)
  .refine((text) => !Number.isNaN(new Date(text).getTime()));
const size = z.int().min(-1);
/** Custom fields are allowed anywhere, and must say that they are. */
const object = <T extends z.ZodRawShape>(shape: T) =>
  z
    .looseObject({ ...shape, comment: z.string().optional() })
    .refine((value) =>
      Object.keys(value).every((key) => key === 'comment' || key.startsWith('_') || key in shape),
    );

const pair = object({ name: z.string(), value: z.string() });
const cookie = object({
  name: z.string(),
  value: z.string(),
  path: z.string().optional(),
  domain: z.string().optional(),
  expires: DATE.optional(),
});

const request = object({
  method: z.string().min(1),
  url: z.string(),
  httpVersion: z.string(),
  cookies: z.array(cookie),
  headers: z.array(pair),
  queryString: z.array(pair),
  postData: object({ mimeType: z.string(), text: z.string().optional() }).optional(),
  headersSize: size,
  bodySize: size,
});

const response = object({
  status: z.int(),
  statusText: z.string(),
  httpVersion: z.string(),
  cookies: z.array(cookie),
  headers: z.array(pair),
  content: object({
    size,
    mimeType: z.string(),
    compression: z.int().optional(),
    text: z.string().optional(),
  }),
  redirectURL: z.string(),
  headersSize: size,
  bodySize: size,
});

const length = z.number().min(-1);
const timings = object({
  blocked: length.optional(),
  dns: length.optional(),
  connect: length.optional(),
  ssl: length.optional(),
  // These three are required, and may not be "not applicable".
  send: z.number().min(0),
  wait: z.number().min(0),
  receive: z.number().min(0),
});

const entry = object({
  pageref: z.string().optional(),
  startedDateTime: DATE,
  time: z.number().min(0),
  request,
  response,
  cache: object({ beforeRequest: z.unknown().optional(), afterRequest: z.unknown().optional() }),
  timings,
  serverIPAddress: z.union([z.ipv4(), z.ipv6()]).optional(),
  connection: z.string().optional(),
});

const page = object({
  startedDateTime: DATE,
  id: z.string().min(1),
  title: z.string(),
  pageTimings: object({ onContentLoad: length.optional(), onLoad: length.optional() }),
});

const creator = object({ name: z.string().min(1), version: z.string() });

const file = z.strictObject({
  log: object({
    version: z.literal('1.2'),
    creator,
    browser: creator.optional(),
    pages: z.array(page).optional(),
    entries: z.array(entry),
  }),
});

export type CheckedHar = z.infer<typeof file>;

/** @throws with every place that is wrong */
export function checkedHar(text: string): CheckedHar {
  const har = file.parse(JSON.parse(text));
  const pages = new Set(har.log.pages?.map(({ id }) => id));
  for (const { pageref, timings: t, time } of har.log.entries) {
    if (pageref !== undefined && !pages.has(pageref)) throw new Error(`no page ${pageref}`);
    // "time: total elapsed time … the sum of all timings, not including −1 values", with ssl within connect
    const sum = [t.blocked, t.dns, t.connect, t.send, t.wait, t.receive].reduce<number>(
      (ms, part) => ms + Math.max(0, part ?? -1),
      0,
    );
    if (Math.abs(sum - time) > 1e-6) throw new Error(`time ${time} is not the sum ${sum}`);
    if ((t.ssl ?? -1) > (t.connect ?? -1)) throw new Error('ssl is not within connect');
  }
  return har;
}
