import { describe, expect, it } from 'vitest';
import { pipesOf } from '../../../src/analyse/pipes/pipes.ts';
import { NANOS_PER_MS } from '../../../src/model/time.ts';
import { formatPipesAddress, parsePipesAddress } from '../../../viewer/pipes/pipes-address.ts';
import { PipesState } from '../../../viewer/pipes/pipes-state.ts';
import { fittingSpeed, speedsFor } from '../../../viewer/pipes/player.ts';
import { runView, TRACE_ID } from '../../fixtures/run-view.ts';

const MS = NANOS_PER_MS;
const pipes = pipesOf(runView());
const places = [...pipes.stations, ...pipes.pipes];
const dbNs = pipes.stations.find(({ id }) => id === 'db:postgresql')?.pathNs;

describe('a moment of the run', () => {
  it('has as much of the time spent as has passed, whatever the moment', () => {
    const state = new PipesState(pipes);
    for (const at of [0, 1, 70 * MS, 612.5 * MS, 1_500 * MS, 2_610 * MS]) {
      state.moveTo(at);
      expect(places.reduce((sum, { id }) => sum + state.spentNs(id), 0)).toBe(at);
    }
  });

  it('is at the place of its piece; the whole run is at none', () => {
    const state = new PipesState(pipes);
    expect(state.piece).toBeUndefined();
    expect(state.spentNs('db:postgresql')).toBe(dbNs);
    state.moveTo(1_500 * MS);
    expect(state.piece).toMatchObject({ place: 'db:postgresql', cause: 'db.seq_scan' });
    expect(state.spentNs('db:postgresql')).toBeLessThan(dbNs ?? 0);
    state.moveTo(undefined);
    expect(state.spentNs('db:postgresql')).toBe(dbNs);
  });

  it('stays within the run', () => {
    const state = new PipesState(pipes);
    state.moveTo(-5);
    expect(state.atNs).toBe(0);
    state.moveTo(99_999 * MS);
    expect(state.atNs).toBe(2_610 * MS);
  });

  it('goes from piece to piece, and stops at both ends', () => {
    const state = new PipesState(pipes);
    state.step(1);
    expect(state.atNs).toBe(pipes.play[0]?.startNs);
    state.step(1);
    expect(state.atNs).toBe(pipes.play[1]?.startNs);
    state.step(-1);
    state.step(-1);
    expect(state.atNs).toBe(pipes.play[0]?.startNs);
    state.moveTo(2_610 * MS);
    state.step(1);
    expect(state.atNs).toBe(pipes.play.at(-1)?.startNs);
  });

  it('begins anew when it is played at its end', () => {
    const state = new PipesState(pipes);
    state.moveTo(2_610 * MS);
    state.play(true);
    expect(state).toMatchObject({ isPlaying: true, atNs: 0 });
  });
});

describe('the speed', () => {
  it('lets any run last about twelve seconds', () => {
    for (const wallMs of [60, 140, 2_610, 90_000, 3_600_000]) {
      const seconds = wallMs / 1_000 / fittingSpeed(wallMs * MS);
      expect(seconds).toBeGreaterThan(11);
      expect(seconds).toBeLessThan(13);
    }
  });

  it('can be chosen, the fitting one among others, in order', () => {
    const speeds = speedsFor(2_610 * MS, 3);
    expect(speeds).toEqual([0.1, 0.22, 0.25, 0.5, 1, 2, 3, 5, 10]);
  });
});

describe('the address', () => {
  it('comes back as it was written, names of any kind', () => {
    const address = {
      traceId: TRACE_ID,
      selected: 'db:a&b=“ü” → x',
      atNs: 412_000_001,
      speed: 0.25,
      isUnfolded: true,
    };
    const [path = '', query = ''] = formatPipesAddress(address).split(/\?(.*)/s);
    expect(parsePipesAddress(path, new URLSearchParams(query))).toEqual(address);
  });

  it('leaves out what cannot be read', () => {
    const parsed = parsePipesAddress(`/run/${TRACE_ID}/pipes/`, new URLSearchParams('t=soon&x=-2&all=yes'));
    expect(parsed).toEqual({ traceId: TRACE_ID, isUnfolded: false });
    expect(parsePipesAddress(`/run/${TRACE_ID}`, new URLSearchParams())).toBeUndefined();
  });
});
