/** What all strips on the time axis share: where the axis lies, and buttons that are one stop of the Tab key. */
import { scaleLinear } from 'd3';
import type { Nanos } from '../../src/model/time.ts';
import { type Geometry, RIGHT_PAD_PX } from './geometry.ts';
import type { TimeWindow } from './time-window.ts';

/** Pixels from the strip's left edge, and its width. */
export function stripScale({ width, chartLeft }: Geometry, window: TimeWindow) {
  const stripWidth = Math.max(width - chartLeft - RIGHT_PAD_PX, 1);
  const x = scaleLinear().domain([window.startNs, window.endNs]).range([0, stripWidth]);
  return { x: (ns: Nanos): number => x(ns), width: stripWidth };
}

/** Arrow keys go from button to button; only one of them is in the order of the Tab key. */
export function rovingButtons(strip: HTMLElement): () => void {
  const buttons = (): HTMLButtonElement[] => [...strip.querySelectorAll('button')];
  const settle = (): void => {
    const all = buttons();
    const current =
      all.find((button) => button === document.activeElement) ?? all.find((b) => b.tabIndex === 0) ?? all[0];
    for (const button of all) button.tabIndex = button === current ? 0 : -1;
  };
  strip.addEventListener('keydown', (event) => {
    const all = buttons();
    const here = all.indexOf(event.target as HTMLButtonElement);
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: here + 1,
      ArrowLeft: here - 1,
      Home: 0,
      End: all.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined || here < 0) return;
    event.preventDefault();
    event.stopPropagation();
    all[Math.min(Math.max(to, 0), all.length - 1)]?.focus();
  });
  strip.addEventListener('focusin', settle);
  return settle;
}
