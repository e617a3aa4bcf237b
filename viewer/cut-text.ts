/** Texts cut to the room there is for them on a drawing. */

/** The text, or as much of its beginning as there is room for, with `…`; nothing where not even that fits. */
export function cutTo(text: string, room: number, widthOf: (text: string) => number): string {
  if (text === '' || widthOf(text) <= room) return text;
  const letters = Array.from(text);
  let [fits, tooMany] = [0, letters.length];
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    if (widthOf(`${letters.slice(0, middle).join('')}…`) <= room) fits = middle;
    else tooMany = middle;
  }
  return fits === 0 ? '' : `${letters.slice(0, fits).join('').trimEnd()}…`;
}
