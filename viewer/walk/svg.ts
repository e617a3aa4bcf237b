/** Makes SVG elements the way `el` makes HTML ones: data becomes text nodes and attribute values, never markup. */
import { plainText } from '../element.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Mean width of a letter of the small text, px: labels are shortened by it before they are drawn. */
const LETTER_PX = 7;

type SvgChild = SVGElement | string | undefined | false;

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number | undefined>> = {},
  ...children: readonly SvgChild[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined) element.setAttribute(name, plainText(String(value)));
  for (const child of children)
    if (child) element.append(typeof child === 'string' ? plainText(child) : child);
  return element;
}

/** As much of a text as fits into a width. */
export function fitting(text: string, widthPx: number): string {
  const letters = Math.max(3, Math.floor(widthPx / LETTER_PX));
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}
