/**
 * Which pictures of the page may be kept: none on which something typed may stand.
 *
 * ```
 * // typing     |fill|    |fill|
 * // document 1 ---------------------------|
 * // document 2                            |commit  firstPaint----------
 * // pictures  x    (withheld: the fields hold what was typed)  x   x
 * ```
 * From the first keystroke until another document has painted, nothing is kept. What the next page repeats of it is
 * protected by the pictures' size alone.
 */
import type { UnixNano } from '../../src/model/time.ts';
import type { Picture } from '../cdp/filmstrip.ts';
import type { RecordedAction } from '../journey-recorder.ts';

/** Calls that put text, keys or files into a page; `evaluate` may do anything, but types nothing for a person. */
const TYPES = /^(keyboard\.|.+\.(fill|type|press|pressSequentially|selectOption|setInputFiles|clear)$)/;

export interface DocumentTimes {
  readonly commits: readonly UnixNano[];
  readonly firstPaints: readonly UnixNano[];
}

export function shownPictures(
  pictures: readonly Picture[],
  actions: readonly Pick<RecordedAction, 'name' | 'startUnixNano' | 'endUnixNano'>[],
  documents: DocumentTimes,
): Picture[] {
  const withheld = actions
    .filter(({ name }) => TYPES.test(name))
    .map((action) => {
      const from = action.startUnixNano;
      return { from, until: action.endUnixNano && paintedAfter(action.endUnixNano, documents) };
    });
  return pictures.filter(
    ({ timeUnixNano: at }) =>
      !withheld.some(({ from, until }) => at >= from && (until === undefined || at < until)),
  );
}

/** First paint of a document that was committed after `at`; undefined when there was none. */
function paintedAfter(at: UnixNano, { commits, firstPaints }: DocumentTimes): UnixNano | undefined {
  const committed = earliest(commits, at);
  return committed && earliest(firstPaints, committed);
}

const earliest = (times: readonly UnixNano[], after: UnixNano): UnixNano | undefined =>
  times
    .filter((time) => time > after)
    .reduce<UnixNano | undefined>((a, b) => (a !== undefined && a < b ? a : b), undefined);
