/**
 * Makes DOM elements. Data only ever becomes text nodes and attribute values through here, never markup, so a span
 * named `<script>` is a span with a strange name and nothing more.
 */

export type Child = Node | string | number | null | undefined | false;

export interface Props {
  readonly class?: string;
  readonly on?: Readonly<Record<string, (event: never) => void>>;
  /** Custom properties and lengths; set through the CSSOM, which the content security policy allows. */
  readonly style?: Readonly<Record<string, string>>;
  readonly [attribute: string]: unknown;
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  const { class: className, on, style, ...attributes } = props;
  if (className) element.className = className;
  for (const [event, listener] of Object.entries(on ?? {})) {
    element.addEventListener(event, listener as EventListener);
  }
  for (const [name, value] of Object.entries(style ?? {})) element.style.setProperty(name, value);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  append(element, children);
  return element;
}

/** `true` is an attribute without a value; `false`, null and undefined are none. ARIA wants the words. */
function setAttribute(element: HTMLElement, name: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (name.startsWith('aria-')) element.setAttribute(name, String(value));
  else if (value !== false) element.setAttribute(name, value === true ? '' : plainText(String(value)));
}

export function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : plainText(String(child)));
  }
}

export function replace(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Control characters and direction overrides made visible: `␀`, `⟨U+202E⟩`. They could hide or reorder the rest. */
export function plainText(text: string): string {
  return text.replace(INVISIBLE, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** The first characters of a text that may be very long. */
export const shorten = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;
