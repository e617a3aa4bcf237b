/** To the clipboard, or to a file. What the browser forbids becomes a sentence that says what to do. */
import { el } from '../element.ts';

export class CopyError extends Error {}

/** @throws CopyError */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Over plain HTTP from another machine there is no clipboard object, and a file may be refused it.
    if (!copyByCommand(text))
      throw new CopyError(
        'This browser forbids copying here. Select the text on the page and copy it by hand.',
      );
  }
}

/** The older way, which browsers still allow right after a key or a press. */
function copyByCommand(text: string): boolean {
  let copied = false;
  const onCopy = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    copied = event.clipboardData !== null;
  };
  document.addEventListener('copy', onCopy);
  try {
    return document.execCommand('copy') && copied;
  } catch {
    return false;
  } finally {
    document.removeEventListener('copy', onCopy);
  }
}

/** As a promise, since some browsers want to be asked before the picture is ready. @throws CopyError */
export async function copyPng(png: Promise<Blob>): Promise<void> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
  } catch {
    throw new CopyError('This browser forbids copying pictures here. Choose “Save as PNG” instead.');
  }
}

/** As text for editors, and as a picture for programs that draw, where the browser knows how. @throws CopyError */
export async function copySvg(svg: string): Promise<void> {
  const type = 'image/svg+xml';
  try {
    if (!ClipboardItem.supports(type)) throw new TypeError(`${type} is not supported`);
    const item = { 'text/plain': new Blob([svg], { type: 'text/plain' }), [type]: new Blob([svg], { type }) };
    await navigator.clipboard.write([new ClipboardItem(item)]);
  } catch {
    await copyText(svg);
  }
}

export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content);
  el('a', { href: address, download: name }).click();
  // The browser has taken what it needs once the press is over.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
