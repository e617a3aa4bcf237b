/** What changed, in one sentence made of the comparison's own numbers. */
import { causeInWords } from '../../model/cause-words.ts';
import type { ComparedSide, PartChange } from '../../model/comparison.ts';
import { LAYER_NAME } from '../../model/layer.ts';
import { formatDuration, type Nanos } from '../../model/time.ts';

/** Three names can be kept in mind. */
const MOST_NAMED = 3;
/** When the named parts explain this share of the shift, one more would not be read. */
const ENOUGH_SHARE = 0.9;
/** A part that is less than this share of what moved most is not named: it is noise beside it. */
const WORTH_NAMING_SHARE = 0.08;
/** Two runs that differ by less than both are called as long as each other: no person and few clocks tell them apart. */
const SAME_WALL_NS = 5e6;
const SAME_WALL_SHARE = 0.01;
/** Parts that give and take are worth a word from here on, though the sums are the same. */
const TRADED_NS = 20e6;
/** Names come from elsewhere and may be pages long. */
const LONGEST_NAME = 60;

/** `+314 ms`, `−12 ms`, `0 ms`. */
export const signedDuration = (ns: Nanos): string =>
  `${ns > 0 ? '+' : ns < 0 ? '−' : ''}${formatDuration(Math.abs(ns))}`;

const shorten = (name: string): string =>
  name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;

/** `lock wait in postgresql`, `database in postgresql` where no cause is known, `network out, web → stock`. */
export function partInWords({
  layer,
  cause,
  component,
}: Pick<PartChange, 'layer' | 'cause' | 'component'>): string {
  const why = causeInWords(cause);
  const who = shorten(component);
  if (layer === 'unknown') return 'unknown time, which nobody saw';
  if (why === 'other') return `${LAYER_NAME[layer]} in ${who}`;
  if (layer === 'browser') return why === who ? `${why} of the browser` : `${why} in the browser (${who})`;
  return who.includes('→') ? `${LAYER_NAME[layer]} ${why}, ${who}` : `${why} in ${who}`;
}

const changeInWords = (part: PartChange): string => `${signedDuration(part.deltaNs)} ${partInWords(part)}`;

/** @param sameSpans the spans are the same too, as far as they are known */
export function sentenceOf(
  a: ComparedSide,
  b: ComparedSide,
  parts: readonly PartChange[],
  sameSpans: boolean,
): string {
  const deltaNs = a.wallNs - b.wallNs;
  if (deltaNs === 0 && sameSpans && parts.every((part) => part.deltaNs === 0))
    return `Nothing differs: both took ${formatDuration(a.wallNs)}.`;
  const other = b.kind === 'usual' ? 'what is usual' : `run ${(b.traceId ?? '').slice(0, 8)}`;
  const limitNs = Math.max(SAME_WALL_NS, SAME_WALL_SHARE * Math.max(a.wallNs, b.wallNs));
  const moved = movedInWords(deltaNs, parts);
  if (a.status !== b.status) return `${endings(a, b, other)}${moved}.`;
  const took = `This run took ${formatDuration(a.wallNs)}`;
  if (Math.abs(deltaNs) < limitNs)
    return `${took}, as long as ${other} (${signedDuration(deltaNs)})${traded(parts)}.`;
  const than = `${formatDuration(Math.abs(deltaNs))} ${deltaNs > 0 ? 'slower' : 'faster'} than ${other}`;
  return `${took}, ${than} (${formatDuration(b.wallNs)})${moved}.`;
}

function endings(a: ComparedSide, b: ComparedSide, other: string): string {
  const [inA, inB] = [formatDuration(a.wallNs), formatDuration(b.wallNs)];
  const sum = `(${signedDuration(a.wallNs - b.wallNs)})`;
  return a.status === 'failed'
    ? `This run failed after ${inA}, ${other} took ${inB} ${sum}`
    : `This run took ${inA}, ${other} failed after ${inB} ${sum}`;
}

function traded(parts: readonly PartChange[]): string {
  const moved = parts.filter(({ deltaNs }) => Math.abs(deltaNs) >= TRADED_NS).slice(0, MOST_NAMED);
  return moved.length === 0 ? '' : `, though its parts moved: ${moved.map(changeInWords).join(', ')}`;
}

function movedInWords(deltaNs: Nanos, parts: readonly PartChange[]): string {
  const named = deltaNs === 0 ? [] : namedParts(deltaNs, parts);
  if (named.length === 0) return '';
  const share = Math.round((named.reduce((sum, part) => sum + part.deltaNs, 0) / deltaNs) * 100);
  const words = named.map(changeInWords).join(', ');
  if (share <= 100) return `: ${words}; ${share} % of the shift`;
  const against = parts.find((part) => Math.sign(part.deltaNs) === -Math.sign(deltaNs));
  return against
    ? `: ${words}; other parts moved the other way, most of all ${changeInWords(against)}`
    : `: ${words}`;
}

/** Those that moved with the whole, largest first, until they explain it. */
function namedParts(deltaNs: Nanos, parts: readonly PartChange[]): PartChange[] {
  const along = parts.filter((part) => Math.sign(part.deltaNs) === Math.sign(deltaNs));
  const named: PartChange[] = [];
  let explainedNs = 0;
  for (const part of along) {
    const isNoise = Math.abs(part.deltaNs) < WORTH_NAMING_SHARE * Math.abs(along[0]!.deltaNs);
    const isEnough = Math.abs(explainedNs) >= ENOUGH_SHARE * Math.abs(deltaNs);
    if (named.length === MOST_NAMED || isNoise || isEnough) break;
    named.push(part);
    explainedNs += part.deltaNs;
  }
  return named;
}
