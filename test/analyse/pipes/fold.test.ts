import { describe, expect, it } from 'vitest';
import { foldPipes } from '../../../src/analyse/pipes/fold.ts';
import type { Pipe, Pipes, Station, StationKind } from '../../../src/model/pipes.ts';

const nothing = { calls: 1, errors: 0, totalNs: 10, valves: [], processes: 1, times: [] };
const place = (id: string, pathNs: number) => ({
  ...nothing,
  id,
  pathNs,
  times: [{ layer: 'service', cause: 'service.work', evidence: 'measured', ns: pathNs, spanId: id } as const],
});
const station = (kind: StationKind, id: string, pathNs: number, more: Partial<Station> = {}): Station => ({
  ...place(id, pathNs),
  kind,
  layer: 'service',
  name: id,
  ...more,
});
const pipe = (from: string, to: string, pathNs = 1): Pipe => ({
  ...place(`${from} → ${to}`, pathNs),
  from,
  to,
  retries: 0,
  setups: 0,
  setupNs: 0,
});
const pathNs = ({ stations, pipes }: Pipes): number =>
  [...stations, ...pipes].reduce((sum, each) => sum + each.pathNs, 0);

/** One gateway before forty services, the last of which is slow; some call each other. */
function many(): Pipes {
  const services = Array.from({ length: 40 }, (_, i) =>
    station('service', `s${i}`, i === 39 ? 500 : i, i === 3 ? { blamedNs: 3 } : {}),
  );
  const pipes = [
    ...services.map(({ id }) => pipe('gateway', id)),
    pipe('s1', 's2', 7),
    pipe('s2', 'gateway'),
  ];
  return {
    report: { wallNs: 10_000 } as Pipes['report'],
    startNs: 0,
    stations: [station('service', 'gateway', 50), ...services],
    pipes,
    source: 'gateway',
    guilty: 's3',
    play: [
      { place: 's0' },
      { place: 's1 → s2' },
      { place: 'gateway → s0' },
      { place: 's39' },
    ] as unknown as Pipes['play'],
    words: {},
    steps: [],
    frames: [],
  };
}

describe('folding', () => {
  it('leaves a run of few stations as it is', () => {
    const few = { ...many(), stations: many().stations.slice(0, 5), pipes: [] };
    expect(foldPipes(few)).toBe(few);
  });

  it('draws the least as one, says how many, and loses no time and no call', () => {
    const before = many();
    const folded = foldPipes(before, 10);
    expect(folded.stations).toHaveLength(10);
    const more = folded.stations.find(({ id }) => id === 'more service');
    expect(more).toMatchObject({ name: '32 more services', calls: 32 });
    expect(more?.folded).toHaveLength(32);
    expect(pathNs(folded)).toBe(pathNs(before));
    const into = folded.pipes.find(({ id }) => id === 'gateway → more service');
    expect(into?.calls).toBe(32);
  });

  it('keeps the source, what is blamed, and what had most of the time', () => {
    const kept = foldPipes(many(), 5).stations.map(({ id }) => id);
    expect(kept).toEqual(expect.arrayContaining(['gateway', 's3', 's39']));
  });

  it('moves the way of the water along', () => {
    const { play, guilty } = foldPipes(many(), 10);
    expect(play.map((piece) => piece.place)).toEqual([
      'more service',
      'more service',
      'gateway → more service',
      's39',
    ]);
    expect(guilty).toBe('s3');
  });

  it('folds name servers that nobody waited for, and not the slow one', () => {
    const names = (slowNs: number): string[] => {
      const stations = [
        station('browser', 'browser', 900),
        station('names', 'resolver', 1),
        station('names', 'root', 1),
        station('names', 'tld', 2),
        station('names', 'own', slowNs),
      ];
      const pipes = [
        pipe('browser', 'resolver'),
        ...['root', 'tld', 'own'].map((to) => pipe('resolver', to)),
      ];
      return foldPipes({
        ...many(),
        report: { wallNs: 1_000 } as Pipes['report'],
        stations,
        pipes,
        source: 'browser',
        guilty: 'browser',
        play: [],
      }).stations.map(({ name }) => name);
    };
    expect(names(3)).toEqual(['browser', 'resolver', '3 name servers']);
    expect(names(300)).toEqual(['browser', 'resolver', 'own', '2 more name servers']);
  });
});
