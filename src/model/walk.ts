/**
 * A walkthrough of one run for a newcomer: stops along the way of one telling request, in the order in which the
 * water flows. `GET /api/runs/:traceId/walk` answers with it; everything in it is from that run's own spans.
 */
import type { Cause, Evidence, Layer } from './layer.ts';
import type { Nanos } from './time.ts';

/**
 * In the order of the walk.
 *
 * ```
 * // overview | step: start | request: queue dns tcp tls reuse cache send lb service pool db wait back | page | sum
 * //                        |-------- every instant belongs to exactly one of these ----------------|
 * ```
 */
export const STOP_KINDS = [
  'overview',
  'start', // the step, until the browser asked
  'queue', // the browser's own queue
  'dns',
  'tcp',
  'tls',
  'reuse', // a connection that was open already: nothing to pay
  'cache', // answered without the network
  'send',
  'lb',
  'service',
  'pool',
  'db',
  'wait', // no server was seen at work: only that the answer took so long
  'back',
  'page', // what the step did with the answer
  'sum',
] as const;
export type StopKind = (typeof STOP_KINDS)[number];

/** What can go wrong at a stop: a cause of our list, in words. */
export interface Risk {
  readonly cause: Cause;
  readonly words: string;
  /** It is what the verdict says of this run, at this stop. */
  readonly happened?: true;
}

/** A stretch of the run's time that is a stop's own. */
export interface WalkPiece {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly evidence: Evidence;
}

/** One message between two parties. A side saw it leave or come; the other end of the arrow nobody saw. */
export interface Message {
  /** True: from the left party to the right one. */
  readonly toRight: boolean;
  /** When the side that tells of it had it. */
  readonly atNs: Nanos;
  readonly text: string;
  readonly failed?: boolean;
}

export interface DrawnBar {
  readonly label: string;
  readonly layer: Layer;
  readonly depth: number;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  readonly evidence: Evidence;
}

export interface PlanStep {
  readonly label: string;
  readonly depth: number;
  readonly ns: Nanos;
  /** Time that was spent in this step and in none below it. */
  readonly ownNs: Nanos;
  readonly rows?: number;
  /** Rows that were read and thrown away. */
  readonly removed?: number;
}

export type Drawing =
  | {
      readonly kind: 'shares';
      readonly shares: readonly { readonly name: string; readonly layer: Layer; readonly ns: Nanos }[];
    }
  | {
      readonly kind: 'messages';
      readonly left: string;
      readonly right: string;
      readonly startNs: Nanos;
      readonly endNs: Nanos;
      readonly messages: readonly Message[];
    }
  | {
      readonly kind: 'queue';
      readonly who: string;
      readonly counter: string;
      readonly waitedNs: Nanos;
      /** When it stood in line, and the request's whole time around that. */
      readonly waits: readonly WalkPiece[];
      readonly startNs: Nanos;
      readonly endNs: Nanos;
      /** How many were served before it; undefined where nobody said. */
      readonly ahead?: number;
    }
  | {
      readonly kind: 'bars';
      readonly startNs: Nanos;
      readonly endNs: Nanos;
      readonly bars: readonly DrawnBar[];
      readonly left: number;
    }
  | {
      readonly kind: 'plan';
      readonly statement: string;
      readonly steps: readonly PlanStep[];
      readonly left: number;
    }
  | {
      readonly kind: 'riders';
      /** When the connection was open; the requests that used it, by start. */
      readonly startNs: Nanos;
      readonly endNs: Nanos;
      readonly riders: readonly {
        readonly startNs: Nanos;
        readonly endNs: Nanos;
        readonly role: RiderRole;
      }[];
    };
export type RiderRole = 'paid' | 'rode' | 'here';

export interface WalkStop {
  readonly kind: StopKind;
  /** Whose colour it has; none for the overview and the sum. */
  readonly layer?: Layer;
  readonly title: string;
  /** Short, for the progress rail. */
  readonly name: string;
  /** Of the run's time, what was spent here; the pieces' sum. */
  readonly ns: Nanos;
  readonly pieces: readonly WalkPiece[];
  /** Plain text, each a whole sentence. */
  readonly sentences: readonly string[];
  readonly risks: readonly Risk[];
  /** A command or a setting; text between backquotes is code. */
  readonly look: readonly string[];
  /** The verdict names this stop. */
  readonly guilty: boolean;
  /** What the waterfall selects. */
  readonly spanId?: string;
  readonly drawing?: Drawing;
}

export interface WalkRequest {
  readonly spanId: string;
  readonly name: string;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  /** The layers in which the run waited for it. */
  readonly layers: readonly Layer[];
  /** How long the run waited for it. */
  readonly waitedNs: Nanos;
}

export interface Unseen {
  readonly layer: Layer;
  readonly hint: string;
}

export interface Walk {
  readonly traceId: string;
  readonly journey: string;
  readonly status: 'ok' | 'failed';
  readonly startUnixNano: string;
  readonly startNs: Nanos;
  readonly wallNs: Nanos;
  readonly request: WalkRequest;
  /** The one with the verdict's spans, when that is another one. */
  readonly verdictRequest?: WalkRequest;
  /** Others worth a walk, most telling first. */
  readonly others: readonly WalkRequest[];
  readonly stops: readonly WalkStop[];
  /** Layers of which nothing was seen, each with what would reveal it. */
  readonly unseen: readonly Unseen[];
}
