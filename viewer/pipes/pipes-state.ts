/** What can change while the plumbing is looked at, and who wants to know. */
import type { Pipe, Pipes, PlayPiece, Station } from '../../src/model/pipes.ts';
import type { Nanos } from '../../src/model/time.ts';

export type PipesAspect = 'selection' | 'moment' | 'playing' | 'speed';

export class PipesState {
  readonly pipes: Pipes;
  readonly stationById: ReadonlyMap<string, Station>;
  readonly placeById: ReadonlyMap<string, Station | Pipe>;
  /** By place: when its pieces begin, and how much of its time had passed then. */
  private readonly spent = new Map<string, { startsNs: Nanos[]; lengthsNs: Nanos[]; beforeNs: Nanos[] }>();
  private readonly listeners: ((aspect: PipesAspect) => void)[] = [];

  selected: string | undefined;
  /** The moment that is shown; undefined: all of the run. */
  atNs: Nanos | undefined;
  isPlaying = false;
  speed = 1;

  constructor(pipes: Pipes) {
    this.pipes = pipes;
    this.stationById = new Map(pipes.stations.map((station) => [station.id, station]));
    this.placeById = new Map<string, Station | Pipe>([
      ...this.stationById,
      ...pipes.pipes.map((pipe) => [pipe.id, pipe] as const),
    ]);
    for (const { place, startNs, endNs } of pipes.play) {
      const own = this.spent.get(place) ?? { startsNs: [], lengthsNs: [], beforeNs: [] };
      this.spent.set(place, own);
      own.beforeNs.push((own.beforeNs.at(-1) ?? 0) + (own.lengthsNs.at(-1) ?? 0));
      own.startsNs.push(startNs);
      own.lengthsNs.push(endNs - startNs);
    }
  }

  get startNs(): Nanos {
    return this.pipes.play[0]?.startNs ?? this.pipes.startNs;
  }
  get endNs(): Nanos {
    return this.pipes.play.at(-1)?.endNs ?? this.pipes.startNs + this.pipes.report.wallNs;
  }

  onChange(listener: (aspect: PipesAspect) => void): void {
    this.listeners.push(listener);
  }
  private tell(aspect: PipesAspect): void {
    for (const listener of this.listeners) listener(aspect);
  }

  select(id: string | undefined): void {
    if (this.selected === id) return;
    this.selected = id;
    this.tell('selection');
  }

  /** @param ns undefined shows the whole run again */
  moveTo(ns: Nanos | undefined): void {
    const next = ns === undefined ? undefined : Math.min(Math.max(ns, this.startNs), this.endNs);
    if (this.atNs === next) return;
    this.atNs = next;
    this.tell('moment');
  }

  play(on: boolean): void {
    if (this.isPlaying === on || this.pipes.play.length === 0) return;
    this.isPlaying = on;
    if (on && (this.atNs === undefined || this.atNs >= this.endNs)) this.moveTo(this.startNs);
    this.tell('playing');
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.tell('speed');
  }

  /** Number of the piece that has the water at a moment; −1 where there is none. */
  pieceAt(ns: Nanos): number {
    return lastAtOrBefore(this.pipes.play.length, (i) => this.pipes.play[i]!.startNs, ns);
  }

  get piece(): PlayPiece | undefined {
    return this.atNs === undefined ? undefined : this.pipes.play[this.pieceAt(this.atNs)];
  }

  /** To the beginning of the next piece, or of the one before. */
  step(by: 1 | -1): void {
    this.play(false);
    const { play } = this.pipes;
    const here = this.atNs === undefined ? -1 : this.pieceAt(this.atNs);
    const next = this.atNs === undefined && by < 0 ? play.length - 1 : here + by;
    this.moveTo(play[Math.min(Math.max(next, 0), play.length - 1)]?.startNs);
  }

  /** What a place has had of the run's time until the moment that is shown. */
  spentNs(place: string): Nanos {
    if (this.atNs === undefined) return this.placeById.get(place)?.pathNs ?? 0;
    const own = this.spent.get(place);
    if (!own) return 0;
    const i = lastAtOrBefore(own.startsNs.length, (n) => own.startsNs[n]!, this.atNs);
    if (i < 0) return 0;
    return own.beforeNs[i]! + Math.min(this.atNs - own.startsNs[i]!, own.lengthsNs[i]!);
  }
}

function lastAtOrBefore(count: number, startOf: (i: number) => Nanos, ns: Nanos): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (startOf(middle) <= ns) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
