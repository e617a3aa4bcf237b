/** Makes SVG elements, as `el()` makes HTML: data becomes text and attribute values, never markup. */
import { append, type Child, plainText } from '../element.ts';

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, plainText(String(value)));
  append(element, children);
  return element;
}

/** The sign of a run in a chart: a dot when it ended well, a cross when it failed. */
export function runSign(x: number, y: number, isOk: boolean, size: number): SVGElement {
  if (isOk) return svg('circle', { class: 'sign ok', cx: x, cy: y, r: size });
  const [left, right, top, bottom] = [x - size, x + size, y - size, y + size];
  const d = `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}`;
  return svg('path', { class: 'sign failed', d });
}
