/**
 * A run as plumbing: stations (who can have the water) and the pipes between them (who calls whom), with what went
 * through, what had to wait, and where the run's time was. Each piece of the critical path is at one place, so
 * Σ `pathNs` over stations and pipes = the run's wall time.
 */
import type { Cause, Evidence, Layer } from './layer.ts';
import type { Frame, RunReport } from './report.ts';
import type { Nanos } from './time.ts';

/**
 * - `names`: who looks names up; each name server that was asked is one of its own
 * - `host`: something that was asked and of which no span came: another site, a service that is not traced
 */
export const STATION_KINDS = ['browser', 'names', 'lb', 'service', 'db', 'host'] as const;
export type StationKind = (typeof STATION_KINDS)[number];

/**
 * What can hold the water up at a place: a limit, known by name, or something that others held.
 * - `pool`: a free connection of a client-side pool · `queue`: a place at a server behind a load balancer (`maxconn`)
 * - `connections`: a free connection of the browser to a host · `streams`: what one HTTP/2 connection allows at once
 * - `listen`: connections that nobody has accepted yet · `lock`: another session of the database
 * - `backoff`: the pause before the next try
 */
export const VALVE_KINDS = ['pool', 'queue', 'connections', 'streams', 'listen', 'lock', 'backoff'] as const;
export type ValveKind = (typeof VALVE_KINDS)[number];

export interface Valve {
  readonly kind: ValveKind;
  /** How many may pass at once, where that is known. */
  readonly limit?: number;
  /** How often something waited here, and for how long altogether; waits may lie side by side. */
  readonly waits: number;
  readonly waitedNs: Nanos;
  /** What of that the run waited for. */
  readonly pathNs: Nanos;
  readonly longest?: SpanTime;
  /** Of a listen queue: how many stood in it at most. */
  readonly peak?: number;
  /** The verdict blames a wait at this valve. */
  readonly isBlamed?: boolean;
}

export interface SpanTime {
  readonly spanId: string;
  readonly name: string;
  readonly ns: Nanos;
}

/** Time of the critical path at one place. */
export interface PlaceTime {
  readonly layer: Layer;
  readonly cause: Cause;
  readonly evidence: Evidence;
  readonly ns: Nanos;
  /** The span that had most of it. */
  readonly spanId: string;
}

/** What stations and pipes have in common. */
export interface Place {
  readonly id: string;
  /** How often a station was asked, how often a pipe was used. */
  readonly calls: number;
  readonly errors: number;
  /** All calls added up, whether or not the run waited for them. */
  readonly totalNs: Nanos;
  /** What the run waited for exactly this. */
  readonly pathNs: Nanos;
  /** What `pathNs` is made of, most first. */
  readonly times: readonly PlaceTime[];
  readonly slowest?: SpanTime;
  readonly valves: readonly Valve[];
  /** The time that the verdict blames and that was spent here; absent where it blames nothing. */
  readonly blamedNs?: Nanos;
}

export interface Station extends Place {
  readonly kind: StationKind;
  readonly layer: Layer;
  readonly name: string;
  /** Processes that said they are it. */
  readonly processes: number;
  /** Stations that are drawn as this one: `12 more services`. */
  readonly folded?: readonly Station[];
}

export interface Pipe extends Place {
  readonly from: string;
  readonly to: string;
  /** Tries beyond the first of each call. */
  readonly retries: number;
  /** Connections that were made for it during the run, and how long they took. */
  readonly setups: number;
  readonly setupNs: Nanos;
}

/** Where the water was between two instants. Contiguous, from the run's start to its end. */
export interface PlayPiece {
  readonly startNs: Nanos;
  readonly endNs: Nanos;
  /** Id of a station or a pipe. */
  readonly place: string;
  readonly layer: Layer;
  readonly component: string;
  readonly cause: Cause;
  readonly evidence: Evidence;
  readonly spanId: string;
  /** In a pipe: the answer on its way back. */
  readonly isBack?: boolean;
}

export interface Pipes {
  readonly report: Pick<
    RunReport,
    'traceId' | 'journey' | 'status' | 'error' | 'startUnixNano' | 'wallNs' | 'verdict'
  >;
  readonly startNs: Nanos;
  readonly stations: readonly Station[];
  readonly pipes: readonly Pipe[];
  /** Id of the station where the run began. */
  readonly source: string;
  /** Id of the place that the verdict names; absent when it blames none that is drawn. */
  readonly guilty?: string;
  readonly play: readonly PlayPiece[];
  /** What a problem's cause is called for a component, by `cause component`: `a statement in shop waited for a lock`. */
  readonly words: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly name: string; readonly startNs: Nanos; readonly endNs: Nanos }[];
  readonly frames: readonly Frame[];
}
