/**
 * Which pictures of the page may be kept: none on which something typed may stand.
 *
 * ```
 * // journey    |goto|   |click|   |fill|    |click|
 * // document 1 --------------------------------|
 * // document 2                                  |------- may repeat what was typed
 * // pictures   x     x         x   |             none until the end
 * ```
 * Even at a quarter of its size a line of text can partly be read (tried), and any later page may repeat what was
 * typed: a confirmation does. So the first keystroke is the end of the filmstrip.
 */
import type { UnixNano } from '../../src/model/time.ts';
import type { Picture } from '../cdp/filmstrip.ts';
import type { RecordedAction } from '../journey-recorder.ts';

/** Calls that put text, keys or files into a page. */
const TYPES = /^(keyboard\.|.+\.(fill|type|press|pressSequentially|selectOption|setInputFiles|clear)$)/;

/** `pageInputs`: when a page itself saw a key or a changed field, however it came about. */
export function shownPictures(
  pictures: readonly Picture[],
  actions: readonly Pick<RecordedAction, 'name' | 'startUnixNano'>[],
  pageInputs: readonly UnixNano[],
): Picture[] {
  const calls = actions.filter(({ name }) => TYPES.test(name)).map((action) => action.startUnixNano);
  const typings = [...calls, ...pageInputs];
  return pictures.filter(({ timeUnixNano }) => typings.every((typedAt) => timeUnixNano < typedAt));
}
