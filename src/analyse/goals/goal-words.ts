/** Goals in words. */
import { causeInWords } from '../../model/cause-words.ts';
import type { Budget, BurnWindow, GuiltyPiece } from '../../model/goals.ts';
import { LAYER_NAME } from '../../model/layer.ts';

/** `the whole run`, `database`, `Pay`, `database in Pay`. */
export function budgetInWords({ step, of }: Pick<Budget, 'step' | 'of'>): string {
  if (of === 'total') return step ?? 'the whole run';
  return step === null ? LAYER_NAME[of] : `${LAYER_NAME[of]} in ${step}`;
}

/** `lock wait in postgresql`. */
export const guiltyInWords = ({ cause, component }: Pick<GuiltyPiece, 'cause' | 'component'>): string => {
  const why = causeInWords(cause);
  return why === 'other' ? component : `${why} in ${component}`;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `5 min`, `6 h`, `3 d`. */
export function windowInWords(ms: number): string {
  if (ms % DAY_MS === 0) return `${ms / DAY_MS} d`;
  return ms % HOUR_MS === 0 ? `${ms / HOUR_MS} h` : `${ms / 60_000} min`;
}

/** `14.4 ×`, `0.3 ×`. */
export const burnInWords = (burn: number): string => `${burn >= 100 ? Math.round(burn) : round(burn)} ×`;
const round = (value: number): number => Math.round(value * 10) / 10;

/** `37 %`, `0.4 %`. */
export function percentInWords(share: number): string {
  const percent = share * 100;
  return `${Math.abs(percent) < 1 && percent !== 0 ? round(percent) : Math.round(percent)} %`.replace(
    '-',
    '−',
  );
}

/** `26 of 26 runs in 6 h`. */
export const badInWords = ({ long, longMs }: Pick<BurnWindow, 'long' | 'longMs'>): string =>
  `${long.bad} of ${long.runs} runs in ${windowInWords(longMs)}`;
