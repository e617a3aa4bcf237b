/** A shift in words: how much, where, why, how sure, and since when. Times are UTC: this code knows no time zone. */
import { causeInWords } from '../../model/cause-words.ts';
import { LAYER_NAME } from '../../model/layer.ts';
import type { Shift } from '../../model/shift.ts';
import { signedDuration } from '../compare/sentence.ts';

type Told = Omit<Shift, 'sentence'>;

/** `checkout p75 +180 ms: +171 ms TLS on cdn.example, no resumption; 95 % of the shift, since v1.4.2 (2026-11-28 14:03 UTC)`. */
export function sentenceOf(shift: Told): string {
  const { journey, step, deltaNs, mark, sinceUnixMs } = shift;
  const where = step === null ? journey : `${journey}, ${step},`;
  const since = mark ? `${mark.name} (${minuteOf(sinceUnixMs)})` : minuteOf(sinceUnixMs);
  return `${where} p75 ${signedDuration(deltaNs.p75Ns)}: ${partInWords(shift)}; ${shareInWords(shift)}, since ${since}`;
}

/** `+171 ms TLS on cdn.example, no resumption`. */
export function partInWords({ partNs, layer, component, cause }: Told): string {
  const on = component === '' ? '' : ` on ${component}`;
  const why = cause === layer ? '' : `, ${causeInWords(cause)}`;
  return `${signedDuration(partNs)} ${LAYER_NAME[layer]}${on}${why}`;
}

function shareInWords({ share }: Told): string {
  if (share === null) return 'other parts moved the other way';
  return share === 1 ? 'all of the shift' : `${Math.round(share * 100)} % of the shift`;
}

/** `2026-11-28 14:03 UTC`. */
const minuteOf = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
