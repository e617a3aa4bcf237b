/** What was sampled of the pages' main threads, of one step only: the slow one, or the longest. */
import { readV8Profile } from '../../src/import/v8-profile.ts';
import type { CpuProfile } from '../../src/model/cpu-profile.ts';
import { unixNanoFromMs } from '../../src/model/time.ts';
import { readPageProfiles } from '../cdp/page-profile.ts';
import { browserClock } from './browser-clock.ts';
import { asSent, type RunRecord } from './run-spans.ts';

export function pageProfiles({ run, recorder, seen }: RunRecord, wanted: string | undefined): CpuProfile[] {
  const clock = browserClock(
    seen.network.requests.map((request) => asSent(request, seen.headers.methodByNetworkId)),
  );
  if (!clock) return [];
  const steps = recorder.steps.map(({ name, startUnixNano, endUnixNano = run.endUnixNano }) => ({
    name,
    fromUnixNano: startUnixNano,
    toUnixNano: endUnixNano,
  }));
  const longest = steps.reduce<(typeof steps)[number] | undefined>(
    (a, b) => (a && a.toUnixNano - a.fromUnixNano >= b.toUnixNano - b.fromUnixNano ? a : b),
    undefined,
  );
  const step = steps.find(({ name }) => name === wanted) ?? longest;
  const fromUnixNano = step?.fromUnixNano ?? run.startUnixNano;
  const toUnixNano = step?.toUnixNano ?? run.endUnixNano;
  const frameIds = new Set(seen.network.requests.flatMap((request) => request.frameId ?? []));
  return readPageProfiles(seen.traceEvents, frameIds).flatMap(
    (profile) =>
      readV8Profile(profile, {
        of: 'page',
        thread: 'main thread of the page',
        fromUnixNano,
        toUnixNano,
        unixNanoAt: (us) => unixNanoFromMs(clock.unixMs(us / 1e6)),
      }) ?? [],
  );
}
