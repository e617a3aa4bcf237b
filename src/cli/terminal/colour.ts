/** Layer colours in a terminal. picocolors respects NO_COLOR, FORCE_COLOR and pipes. */
import picocolors from 'picocolors';
import type { Layer } from '../../model/layer.ts';

export type Paint = (text: string) => string;
export type Colours = ReturnType<typeof picocolors.createColors>;

export const coloursFor = (stream: NodeJS.WriteStream): Colours =>
  picocolors.createColors(picocolors.isColorSupported && (stream.isTTY || isForced()));

const isForced = (): boolean => !['', '0', 'false', undefined].includes(process.env.FORCE_COLOR);

export function layerPaint(colours: Colours, layer: Layer): Paint {
  const paints: Readonly<Record<Layer, Paint>> = {
    browser: colours.blue,
    dns: colours.yellow,
    tcp: colours.yellowBright,
    tls: colours.magenta,
    network: colours.gray,
    lb: colours.cyan,
    service: colours.green,
    db: colours.red,
    think: colours.dim,
    unknown: colours.redBright,
  };
  return paints[layer];
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

export const visibleLength = (text: string): number => [...text.replace(ESCAPES, '')].length;

// C0 and C1 controls, and the marks that turn the direction of what follows them.
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Names come from elsewhere: control characters (which could drive the terminal) are shown, not sent. */
export const plain = (text: string): string => text.replace(UNPRINTABLE, '\u00b7');

/** Cuts or pads to exactly `width` columns. */
export function toWidth(text: string, width: number): string {
  const chars = [...plain(text)];
  if (chars.length <= width) return chars.join('') + ' '.repeat(width - chars.length);
  return `${chars.slice(0, Math.max(0, width - 1)).join('')}…`;
}
