/** The layer colours of the theme, as Canvas wants them. CSS holds the colours; this reads them. */
import { interpolateRgb } from 'd3';
import { LAYERS, type Layer } from '../../src/model/layer.ts';
import type { Tone } from './bars.ts';

export interface Palette {
  readonly fill: Readonly<Record<Layer, Readonly<Record<Tone, string>>>>;
  readonly hatch: string;
  readonly ink: string;
  readonly mute: string;
  readonly line: string;
  readonly error: string;
  readonly background: string;
  readonly accent: string;
}

/** Share of the layer's colour in each tone; the rest is background. */
const STRENGTH: Readonly<Record<Tone, number>> = { wait: 0.2, own: 0.52, path: 1 };

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const background = colour('bg');
  const tones = (layer: Layer) => {
    const mix = interpolateRgb(background, colour(layer));
    return { wait: mix(STRENGTH.wait), own: mix(STRENGTH.own), path: mix(STRENGTH.path) };
  };
  const fill = Object.fromEntries(LAYERS.map((layer) => [layer, tones(layer)])) as Palette['fill'];
  return {
    fill,
    hatch: colour('hatch'),
    ink: colour('ink'),
    mute: colour('mute'),
    line: colour('line'),
    error: colour('bad'),
    background,
    accent: colour('accent'),
  };
}

/** Diagonal strokes for what was not seen but concluded. One pattern a context and colour. */
export function hatchPattern(
  context: CanvasRenderingContext2D,
  colour: string,
  ratio: number,
): CanvasPattern | null {
  const size = 6;
  const tile = document.createElement('canvas');
  tile.width = tile.height = size * ratio;
  const pen = tile.getContext('2d');
  if (!pen) return null;
  pen.scale(ratio, ratio);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.4;
  for (const offset of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(offset, size);
    pen.lineTo(offset + size, 0);
    pen.stroke();
  }
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}
