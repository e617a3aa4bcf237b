/**
 * Was a slowness seen again? The original's guilty part (a layer and a cause) is looked for in every replay.
 *
 * ```
 * original   |--plain--|======== db.seq_scan 150 ms ========|
 * replay 1   |--plain--|======= 140 ms =======|                  comparable
 * replay 2   |--plain--|========= 170 ms =========|              comparable   → most of them: reproduced
 * replay 3   |--plain--|                                         gone
 * ```
 * One who saw less calls the same time by a coarser name: a HAR has a wait where a replay with servers has the
 * database, and the other way round. Then what the slowest request waited for its servers is held against each other,
 * whoever had it (server-waits.ts). Pure.
 */
import { causeInWords } from '../../model/cause-words.ts';
import { LAYER_NAME, type Layer } from '../../model/layer.ts';
import type { OtherProblem, RunReport, RunView } from '../../model/report.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';
import { percentile } from '../journey/percentile.ts';
import { isProblem, partsOf, WORTH_A_VERDICT_NS } from '../problems.ts';
import { askedIn, BEHIND_THE_WAIT, heardOf, serverWaits } from './server-waits.ts';

/** The least of a report that is needed. */
export type ReplayedRun = Pick<
  RunReport,
  'traceId' | 'status' | 'error' | 'wallNs' | 'ledger' | 'verdict'
> & {
  /** What each request waited for its servers. */
  readonly waits: ReadonlyMap<string, Nanos>;
  /** Of those, what servers told of. */
  readonly heard: ReadonlySet<string>;
  /** All that it asked for. */
  readonly asked: ReadonlySet<string>;
};

export const replayedRun = (view: Pick<RunView, 'report' | 'path' | 'trace'>): ReplayedRun => ({
  ...view.report,
  waits: serverWaits(view),
  heard: heardOf(view),
  asked: askedIn(view),
});

export type Guilty = Pick<OtherProblem, 'layer' | 'component' | 'cause' | 'ns'>;

export interface ReplaySize {
  readonly traceId: string;
  readonly status: 'ok' | 'failed';
  readonly wallNs: Nanos;
  /** Of the guilty part. */
  readonly ns: Nanos;
  readonly isComparable: boolean;
}

export const OUTCOMES = ['reproduced', 'not_reproduced', 'unclear', 'nothing_slow', 'failed'] as const;

export interface Outcome {
  readonly state: (typeof OUTCOMES)[number];
  readonly sentence: string;
  /** What made the original slow; null when it had no problem. */
  readonly guilty: Guilty | null;
  /** What the guilty part is called by replays that saw more than the original did. */
  readonly seenAs?: Guilty;
  readonly replays: readonly ReplaySize[];
}

/**
 * Times of one fault differ by a third from run to run; what has less than half of it is something else, or the rest of
 * what a healed part takes anyway.
 */
const COMPARABLE_SHARE = 0.5;
/**
 * Where it is again what the replay blames first, it is the same: work that waits for a CPU was seen to take three
 * times as long on a machine that was busy when the original ran.
 */
const BLAMED_AGAIN_SHARE = 0.25;
const SERVERS: readonly Layer[] = ['lb', 'service', 'db'];

export function reproduced(original: ReplayedRun, replays: readonly ReplayedRun[]): Outcome {
  const guilty = guiltyOf(original);
  const isItself = replays.every(({ traceId }) => traceId === original.traceId);
  const well = replays.filter(({ status }) => status === 'ok' || (original.status === 'failed' && !isItself));
  if (well.length === 0) return failedOutcome(guilty, replays);
  if (!guilty) return nothingSlow(original, well);
  if (original.status === 'failed') return failedAgain(guilty, well);
  if (!canBeSeen(guilty, original, well)) return unseen(guilty, well);
  const unsent = unsentRequest(guilty, original, well);
  if (unsent !== undefined) return notSent(unsent, guilty, well);
  const measure = measureFor(guilty, original);
  const sizes = well.map((run): ReplaySize => {
    const ns = measure(run);
    const { traceId, status, wallNs } = run;
    return { traceId, status, wallNs, ns, isComparable: ns >= leastComparable(guilty, original, run) };
  });
  return outcomeOf(guilty, sizes, well);
}

/**
 * The blamed part; a longer wait for servers that nobody saw is the slowness that is to be explained. Where other servers
 * were seen, what is blamed goes first.
 */
function guiltyOf(run: ReplayedRun): Guilty | null {
  const { layer, component, cause, ns } = run.verdict;
  const blamed = { layer, component, cause, ns };
  if (run.status === 'failed') return blamed;
  const isBlamed = isProblem(blamed) && ns >= WORTH_A_VERDICT_NS;
  if (isBlamed && sawServers(run)) return blamed;
  const [request, waitedNs] = longestOf([...run.waits].filter(([name]) => !run.heard.has(name)));
  if (
    request !== undefined &&
    waitedNs !== undefined &&
    waitedNs >= LONG_WAIT_NS &&
    !(isBlamed && ns > waitedNs)
  )
    return { layer: 'network', component: request, cause: UNEXPLAINED, ns: waitedNs };
  return isBlamed ? blamed : null;
}

const UNEXPLAINED = 'network.unexplained';

type Wait = readonly [request: string, ns: Nanos];

const longestOf = (waits: Iterable<Wait>): Wait | [] => [...waits].sort((a, b) => b[1] - a[1])[0] ?? [];

/** The wait that the guilty part was in, as far as that can be told. */
function waitFor({ cause, component }: Guilty, { waits }: ReplayedRun): Wait | [] {
  const ns = cause === UNEXPLAINED ? waits.get(component) : undefined;
  return ns === undefined ? longestOf(waits) : [component, ns];
}

/** Where servers did not speak, a wait of this length is worth looking at; a plain page's is shorter. */
const LONG_WAIT_NS = 200e6;

function leastComparable(guilty: Guilty, original: ReplayedRun, { verdict }: ReplayedRun): Nanos {
  // Where some of it is usual, to be blamed for that much tells nothing.
  const isNew = isProblem(guilty) && original.verdict.usual === undefined;
  const isBlamedAgain = isNew && verdict.layer === guilty.layer && verdict.cause === guilty.cause;
  return Math.max(WORTH_A_VERDICT_NS, guilty.ns * (isBlamedAgain ? BLAMED_AGAIN_SHARE : COMPARABLE_SHARE));
}

const sawServers = ({ ledger }: ReplayedRun): boolean => ledger.some(({ layer }) => SERVERS.includes(layer));

/** How much of the guilty part a replay has. */
function measureFor(guilty: Guilty, original: ReplayedRun): (run: ReplayedRun) => Nanos {
  const usualNs = original.verdict.usual?.ns ?? 0;
  const ofPart = (run: ReplayedRun) => {
    const isPart = (part: Omit<Guilty, 'ns'>) => part.layer === guilty.layer && part.cause === guilty.cause;
    return Math.max(0, (partsOf(run.ledger).find(isPart)?.ns ?? 0) - usualNs);
  };
  const [request, waitedNs = 0] = waitFor(guilty, original);
  if (!BEHIND_THE_WAIT.has(guilty.layer) || request === undefined) return ofPart;
  const isBlind = !original.heard.has(request);
  // What the request waited besides was no slowness.
  const plainNs = Math.max(0, waitedNs - guilty.ns);
  return (run) =>
    isBlind || !run.heard.has(request) ? Math.max(0, (run.waits.get(request) ?? 0) - plainNs) : ofPart(run);
}

function outcomeOf(guilty: Guilty, sizes: readonly ReplaySize[], runs: readonly ReplayedRun[]): Outcome {
  const again = sizes.filter(({ isComparable }) => isComparable);
  const state =
    again.length * 2 > sizes.length ? 'reproduced' : again.length === 0 ? 'not_reproduced' : 'unclear';
  const seenAs = state === 'reproduced' ? otherName(guilty, runs) : undefined;
  const medianNs = percentile(
    sizes.map(({ ns }) => ns),
    50,
  );
  const what = `${nameOf(guilty)} (${formatDuration(guilty.ns)} in the original)`;
  const count = `${again.length} of ${sizes.length} replay${sizes.length === 1 ? '' : 's'}`;
  const now = `${formatDuration(medianNs)} ${sizes.length > 1 ? 'in the middle one' : 'now'}`;
  const sentence = {
    reproduced: `Reproduced: ${what} came again in ${count}, ${now}${seenAs ? `; the replays saw what it was: ${nameOf(seenAs)}, ${formatDuration(seenAs.ns)}` : ''}.`,
    not_reproduced: `Not reproduced: ${what} is gone, ${now}${insteadOf(guilty, runs)}.`,
    unclear: `Unclear: ${what} came again in only ${count}, ${now}. It comes and goes: repeat it more often.`,
  }[state];
  return { state, sentence, guilty, ...(seenAs ? { seenAs } : {}), replays: sizes };
}

/** What most of the replays blame, when the original could not name it. */
function otherName(guilty: Guilty, runs: readonly ReplayedRun[]): Guilty | undefined {
  const most = mostlyBlamed(runs);
  if (!most || (most.layer === guilty.layer && most.cause === guilty.cause)) return undefined;
  return BEHIND_THE_WAIT.has(guilty.layer) && BEHIND_THE_WAIT.has(most.layer) ? most : undefined;
}

/** Another slowness of most replays that would be felt as much. */
function insteadOf(guilty: Guilty, runs: readonly ReplayedRun[]): string {
  const other = mostlyBlamed(runs);
  const isMuch = other && other.cause !== guilty.cause && other.ns >= guilty.ns * COMPARABLE_SHARE;
  return isMuch ? `; what is slow instead: ${nameOf(other)}, ${formatDuration(other.ns)}` : '';
}

/** What most of the runs blame. */
function mostlyBlamed(runs: readonly ReplayedRun[]): Guilty | undefined {
  const blamed = runs.map(({ verdict }) => verdict).filter(isProblem);
  const same = (a: Guilty) => blamed.filter(({ layer, cause }) => layer === a.layer && cause === a.cause);
  const most = blamed.find((each) => same(each).length * 2 > runs.length);
  if (!most) return undefined;
  const { layer, component, cause, ns } = most;
  return { layer, component, cause, ns };
}

const nameOf = ({ layer, cause, component }: Omit<Guilty, 'ns'>): string => {
  const words = causeInWords(cause);
  return `${LAYER_NAME[layer]}: ${words === 'other' ? component : `${words} in ${component}`}`;
};

/** A failure has no size: it is the same when the same part is to blame. */
function failedAgain(guilty: Guilty, runs: readonly ReplayedRun[]): Outcome {
  const isSame = ({ status, verdict }: ReplayedRun): boolean =>
    status === 'failed' && verdict.layer === guilty.layer && verdict.cause === guilty.cause;
  const again = runs.filter(isSame).length;
  const what = `the failure (${nameOf(guilty)})`;
  const count = `${again} of ${runs.length}`;
  const [state, sentence] =
    again * 2 > runs.length
      ? (['reproduced', `Reproduced: ${what} came again in ${count}.`] as const)
      : again === 0
        ? (['not_reproduced', `Not reproduced: ${what} is gone.`] as const)
        : (['unclear', `Unclear: ${what} came again in only ${count}: repeat it more often.`] as const);
  const replays = runs.map((run) => ({ ...unmeasured(run), ns: run.verdict.ns, isComparable: isSame(run) }));
  return { state, sentence, guilty, replays };
}

/** A trace of servers only tells of no browser that waited: replays whose servers are silent say nothing of them. */
const canBeSeen = ({ layer }: Guilty, original: ReplayedRun, replays: readonly ReplayedRun[]): boolean =>
  !SERVERS.includes(layer) || original.waits.size > 0 || replays.some(sawServers);

function unseen(guilty: Guilty, runs: readonly ReplayedRun[]): Outcome {
  const sentence = `Could not tell: ${nameOf(guilty)} was told by servers, and none spoke in the replays. Let them send their spans here, or name where they go: --traces-from.`;
  return { state: 'unclear', sentence, guilty, replays: runs.map(unmeasured) };
}

/** Pages that are opened again do not send what a person's click did: where that was slow, nothing was tried. */
function unsentRequest(
  guilty: Guilty,
  original: ReplayedRun,
  replays: readonly ReplayedRun[],
): string | undefined {
  const [request] = waitFor(guilty, original);
  if (request === undefined || !BEHIND_THE_WAIT.has(guilty.layer)) return undefined;
  return replays.some(({ asked }) => asked.has(request)) ? undefined : request;
}

function notSent(request: string, guilty: Guilty, runs: readonly ReplayedRun[]): Outcome {
  const sentence = `Could not tell: ${request}, which the original waited for (${nameOf(guilty)}, ${formatDuration(guilty.ns)}), was sent by none of the replays.`;
  return { state: 'unclear', sentence, guilty, replays: runs.map(unmeasured) };
}

const unmeasured = ({ traceId, status, wallNs }: ReplayedRun): ReplaySize => ({
  traceId,
  status,
  wallNs,
  ns: 0,
  isComparable: false,
});

function nothingSlow(original: ReplayedRun, replays: readonly ReplayedRun[]): Outcome {
  const sizes = replays.map(unmeasured);
  const medianNs = percentile(
    sizes.map(({ wallNs }) => wallNs),
    50,
  );
  const sentence = `There is no slowness to reproduce: the original took ${formatDuration(original.wallNs)} without a problem that is worth a word, the replays ${formatDuration(medianNs)}.`;
  return { state: 'nothing_slow', sentence, guilty: null, replays: sizes };
}

function failedOutcome(guilty: Guilty | null, replays: readonly ReplayedRun[]): Outcome {
  const [first] = replays;
  const why = first?.error ?? first?.verdict.sentence ?? 'there was none';
  const sizes = replays.map(unmeasured);
  return {
    state: 'failed',
    sentence: `Could not tell: every replay failed: ${firstLine(why)}`,
    guilty,
    replays: sizes,
  };
}

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 300);
