/** The shape of a cause family. One file a family; each threshold is a named constant with its unit and reason. */
import type { Cause, Layer } from '../../model/layer.ts';
import type { Span } from '../../model/trace.ts';
import type { Segment } from '../segment.ts';
import type { Tree } from '../tree.ts';

/** Why a segment's time was spent; layer and component only where they differ from the span's own. */
export interface Blame {
  readonly cause: Cause;
  readonly layer?: Layer;
  readonly component?: string;
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
}

export interface Family {
  readonly blame: Blamer;
  readonly problems: Readonly<Record<Cause, Telling>>;
}
