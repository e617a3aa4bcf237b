/** The colours of style/theme.css: readable words, and layers that the colour-blind can tell apart. */
import { readFileSync } from 'node:fs';
import { lab, rgb } from 'd3';
import { describe, expect, it } from 'vitest';
import { LAYERS } from '../../src/model/layer.ts';

const css = readFileSync(new URL('../../viewer/style/theme.css', import.meta.url), 'utf8');
const [light = '', darkOfSystem = '', dark = ''] = [...css.matchAll(/:root[^{]*\{([^}]*--bg:[^}]*)\}/g)].map(
  ([, body]) => body,
);
const colours = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/--([a-z-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value]),
  );
const THEMES = { light: colours(light), dark: colours(dark) };

/** Contrast after WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const [dim = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dim + 0.05);
}
const linear = (value: number): number =>
  value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = (colour: string): number => {
  const { r, g, b } = rgb(colour);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
};

/** AA: words, and shapes that mean something. */
const WORDS = 4.5;
const SHAPES = 3;

/** Linear RGB as people without one kind of cone see it: Machado, Oliveira, Fernandes 2009, severity 1.0. */
const BLINDNESS = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
} as const;

function seenBy(matrix: readonly number[], colour: string): string {
  const { r, g, b } = rgb(colour);
  const [x, y, z] = [linear(r), linear(g), linear(b)];
  const row = (i: number): number =>
    (matrix[i] ?? 0) * x + (matrix[i + 1] ?? 0) * y + (matrix[i + 2] ?? 0) * z;
  const gamma = (value: number): number => {
    const clipped = Math.min(Math.max(value, 0), 1);
    return 255 * (clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055);
  };
  return rgb(gamma(row(0)), gamma(row(3)), gamma(row(6))).formatRgb();
}

/** Distance in CIELAB: 2.3 is just noticeable. */
function deltaE(a: string, b: string): number {
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p.l - q.l, p.a - q.a, p.b - q.b);
}

/** Pieces that touch in a ledger are told apart at a glance: four times what is just noticeable. */
const TOLD_APART = 10;
/** Told by hatching too, wherever they are drawn. */
const HATCHED: ReadonlySet<string> = new Set(['unknown']);

describe.each(Object.entries(THEMES))('%s colours', (_name, theme) => {
  const of = (name: string): string => {
    const value = theme[name];
    if (!value) throw new Error(`theme.css has no --${name}`);
    return value;
  };

  it.each(['bg', 'panel', 'soft', 'select', 'found'])('words are readable on --%s', (ground) => {
    const words = ground === 'found' ? ['ink'] : ['ink', 'mute', 'accent'];
    const faint = words.filter((name) => contrast(of(name), of(ground)) < WORDS);
    expect(faint).toEqual([]);
  });

  it.each(['bad', 'good'])('--%s is readable where it is written', (name) => {
    expect(contrast(of(name), of('bg'))).toBeGreaterThanOrEqual(WORDS);
    expect(contrast(of(name), of('panel'))).toBeGreaterThanOrEqual(WORDS);
  });

  it.each(LAYERS)('words on %s are readable', (layer) => {
    expect(contrast(of(`on-${layer}`), of(layer))).toBeGreaterThanOrEqual(WORDS);
  });

  it('layers stand out from the ground, but for what the run was not kept by', () => {
    const faint = LAYERS.filter((layer) => contrast(of(layer), of('bg')) < SHAPES);
    expect(faint.filter((layer) => layer !== 'think' && !HATCHED.has(layer))).toEqual([]);
  });

  it.each([['full sight', undefined], ...Object.entries(BLINDNESS)] as const)(
    'layers that touch can be told apart with %s',
    (_sight, matrix) => {
      const seen = (layer: string): string => (matrix ? seenBy(matrix, of(layer)) : of(layer));
      const alike = LAYERS.slice(1).flatMap((layer, i) => {
        const before = LAYERS[i]!;
        const apart = deltaE(seen(before), seen(layer));
        return apart < TOLD_APART && !HATCHED.has(layer)
          ? [`${before} and ${layer}: ${apart.toFixed(1)}`]
          : [];
      });
      expect(alike).toEqual([]);
    },
  );
});

it('a dark system and a chosen dark are the same', () => {
  expect(Object.keys(THEMES.dark).length).toBeGreaterThan(30);
  expect(colours(darkOfSystem)).toEqual(THEMES.dark);
});
