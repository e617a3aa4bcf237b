/** The shape of a cause family. One file a family; each threshold is a named constant with its unit and reason. */
import type { Cause, Layer } from '../../model/layer.ts';
import type { Nanos } from '../../model/time.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import type { Tree } from '../tree.ts';

/** Why a segment's time was spent; layer and component only where they differ from the span's own. */
export interface Blame {
  readonly cause: Cause;
  readonly layer?: Layer;
  readonly component?: string;
  /** What of the segment would have passed anyway, as the rest of the run shows; only what is above it is the cause's. */
  readonly usual?: Usual;
}

/** What nobody saw is nobody's. */
export const NOBODY: Blame = { cause: 'unknown', layer: 'unknown', component: 'nobody saw it' };

/** Normal work inside a segment that has a problem; where in it, nobody saw. */
export interface Usual extends Omit<Blame, 'usual'> {
  readonly ns: Nanos;
}

/** Looks at a segment and blames it, or leaves it to the next family. */
export type Blamer = (segment: Segment, tree: Tree) => Blame | undefined;

/** How a cause that is a problem is told. A cause without words here is normal work. */
export interface Telling {
  /** Continues "152 ms of it is …: " — who did what. */
  readonly what: (component: string, spans: readonly Span[], tree: Tree) => string;
  /** The proof, in the spans' own numbers. */
  readonly proof: (spans: readonly Span[], tree: Tree) => string;
  /** What to look at next. */
  readonly next: (component: string, spans: readonly Span[], tree: Tree) => string;
  /** A sentence that says why this may be wrong, where the evidence is thin: another explanation, a guess by time. */
  readonly thin?: (spans: readonly Span[], tree: Tree) => string | undefined;
}

export interface Family {
  readonly blame: Blamer;
  /**
   * Asked only for time that is nobody's fault by itself: normal work which would not have been done at all but for
   * what lies around it (the fifth redirect, the hundredth query of a loop, a third party that holds the page up).
   */
  readonly around?: Blamer;
  readonly problems: Readonly<Record<Cause, Telling>>;
}
