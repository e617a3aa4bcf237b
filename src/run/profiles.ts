/** CPU profiles that lie beside a run's spans, and which pieces of its path are of their thread. */
import { z } from 'zod';
import type { PlacedProfile } from '../analyse/hot-functions.ts';
import { type CpuProfile, PROFILE_FILES } from '../model/cpu-profile.ts';
import type { PathPiece } from '../model/report.ts';
import type { Span, Trace } from '../model/trace.ts';
import type { Store } from '../store/store.ts';

export function profilesOf(
  traceId: string,
  names: readonly string[],
  trace: Trace,
  store: Pick<Store, 'file'>,
): PlacedProfile[] {
  const files = names.filter((name) => name.startsWith(PROFILE_FILES));
  return files.flatMap((name) => {
    const profile = profileIn(store.file(traceId, name)?.body);
    return profile ? (placed(profile, trace) ?? []) : [];
  });
}

function placed(profile: CpuProfile, trace: Trace): PlacedProfile | undefined {
  if (profile.of === 'page') return { profile, isOf: isOfPage, offsetNs: 0 };
  const own = trace.spans.filter(({ osProcess }) => osProcess?.pid === profile.of);
  const [first] = own;
  if (!first) return undefined;
  const ids = new Set(own.map(({ spanId }) => spanId));
  return { profile, isOf: ({ spanId }) => ids.has(spanId), offsetNs: offsetOf(first, trace) };
}

/** What the browser did itself; while it waits for others its thread may be at work, too, and nobody waits for that. */
const isOfPage = ({ layer }: PathPiece): boolean => layer === 'browser';

const offsetOf = ({ clock }: Span, { clocks }: Trace): number =>
  clocks.find((known) => known.clock === clock)?.offsetNs ?? 0;

/** Undefined for what is none: a file may have come from elsewhere. */
function profileIn(body: Uint8Array | undefined): CpuProfile | undefined {
  try {
    const found = PROFILE.safeParse(JSON.parse(new TextDecoder().decode(body)));
    return found.success ? (found.data as CpuProfile) : undefined;
  } catch {
    return undefined;
  }
}

const count = z.number().int().min(-1);
const PROFILE = z
  .looseObject({
    version: z.literal(1),
    of: z.union([z.literal('page'), z.number()]),
    thread: z.string(),
    functions: z.array(z.object({ name: z.string(), url: z.string(), line: z.number() })),
    places: z.array(z.tuple([count, count])),
    fromUnixNano: z.string().regex(/^\d{1,19}$/),
    atNs: z.array(z.number()),
    placeAt: z.array(count),
  })
  .refine(
    ({ functions, places, atNs, placeAt }) =>
      atNs.length === placeAt.length &&
      placeAt.every((place) => place < places.length) &&
      places.every(([called, caller], i) => called >= 0 && called < functions.length && caller < i),
  );
