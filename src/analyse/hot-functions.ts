/**
 * Hangs sampled functions under the pieces of the ledger that they explain: those of the same thread at the same time.
 *
 * ```
 * // path      |--- network ---|=== browser.long_task ===|- service -|
 * // samples      . .  a a         b b b c c b b b b b b      d d         only those under a piece of their own count
 * ```
 */
import type { CpuProfile, HotFunction, HotPiece } from '../model/cpu-profile.ts';
import type { PathPiece } from '../model/report.ts';
import { type Nanos, sinceOrigin } from '../model/time.ts';

/** More than these per piece nobody reads. */
const MOST_FUNCTIONS = 8;
/** A sample holds until the next one, but a thread that was stopped or not sampled is not known to have gone on. */
const LONGEST_SAMPLE_NS = 5e6;
/** Below this a piece is not worth a function's name. */
const WORTH_NAMING_NS = 5e6;

/** The profile's clock against the trace's, and whose time it is. */
export interface PlacedProfile {
  readonly profile: CpuProfile;
  readonly isOf: (piece: PathPiece) => boolean;
  /** Added to its times. */
  readonly offsetNs: Nanos;
}

/** @param path by time */
export function hotPieces(
  path: readonly PathPiece[],
  profiles: readonly PlacedProfile[],
  originUnixNano: bigint,
): HotPiece[] {
  return profiles
    .flatMap((placed) => hotIn(path, placed, originUnixNano))
    .filter(({ sampledNs }) => sampledNs >= WORTH_NAMING_NS)
    .sort((a, b) => b.sampledNs - a.sampledNs);
}

interface Account {
  readonly first: PathPiece;
  ns: Nanos;
  readonly nsByPlace: Map<number, Nanos>;
}

function hotIn(
  path: readonly PathPiece[],
  { profile, isOf, offsetNs }: PlacedProfile,
  origin: bigint,
): HotPiece[] {
  const startNs = sinceOrigin(BigInt(profile.fromUnixNano), origin) + offsetNs;
  const accounts = new Map<string, Account>();
  let next = 0;
  for (const piece of path) {
    if (!isOf(piece)) continue;
    const key = `${piece.layer}\u0000${piece.component}\u0000${piece.cause}`;
    const account = accounts.get(key) ?? { first: piece, ns: 0, nsByPlace: new Map<number, Nanos>() };
    accounts.set(key, account);
    account.ns += piece.endNs - piece.startNs;
    next = Math.min(next, profile.atNs.length - 1);
    while (next > 0 && startNs + profile.atNs[next]! > piece.startNs) next--;
    for (; next < profile.atNs.length && startNs + profile.atNs[next]! < piece.endNs; next++)
      addSample(account, profile, next, {
        ...piece,
        startNs: piece.startNs - startNs,
        endNs: piece.endNs - startNs,
      });
  }
  return [...accounts.values()].map((account) => hotPiece(account, profile));
}

function addSample(
  { nsByPlace }: Account,
  { atNs, placeAt }: CpuProfile,
  i: number,
  { startNs, endNs }: Pick<PathPiece, 'startNs' | 'endNs'>,
): void {
  const fromNs = atNs[i]!;
  const toNs = Math.min(atNs[i + 1] ?? fromNs, fromNs + LONGEST_SAMPLE_NS);
  const ns = Math.min(toNs, endNs) - Math.max(fromNs, startNs);
  const place = placeAt[i]!;
  if (ns > 0 && place >= 0) nsByPlace.set(place, (nsByPlace.get(place) ?? 0) + ns);
}

function hotPiece({ first, ns, nsByPlace }: Account, profile: CpuProfile): HotPiece {
  const selfNs = new Map<number, Nanos>();
  const totalNs = new Map<number, Nanos>();
  let sampledNs = 0;
  for (const [place, spent] of nsByPlace) {
    sampledNs += spent;
    const called = new Set<number>();
    for (let at = place; at >= 0; at = profile.places[at]![1]) called.add(profile.places[at]![0]);
    for (const each of called) totalNs.set(each, (totalNs.get(each) ?? 0) + spent);
    const own = profile.places[place]![0];
    selfNs.set(own, (selfNs.get(own) ?? 0) + spent);
  }
  const functions = [...selfNs]
    .sort((a, b) => b[1] - a[1])
    .slice(0, MOST_FUNCTIONS)
    .map(([number, own]): HotFunction => {
      const told = profile.functions[number]!;
      return { ...told, selfNs: own, totalNs: totalNs.get(number) ?? own };
    });
  const { layer, component, cause } = first;
  return { layer, component, cause, thread: profile.thread, ns, sampledNs, functions };
}
