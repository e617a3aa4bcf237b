/**
 * A pen that writes SVG. The painter of the waterfall draws with it as it draws on its canvas, so the picture that is
 * copied and the one on screen cannot differ. Only what painters here use: circles are whole, nothing is turned.
 */
import { plainText } from '../element.ts';
import type { Pen } from '../waterfall/pen.ts';

interface Settings {
  readonly fillStyle: Pen['fillStyle'];
  readonly strokeStyle: Pen['strokeStyle'];
  readonly lineWidth: number;
  readonly globalAlpha: number;
  readonly font: string;
  readonly textAlign: CanvasTextAlign;
  readonly dash: readonly number[];
  readonly left: number;
  readonly top: number;
}

const ANCHOR: Partial<Record<CanvasTextAlign, string>> = { right: 'end', end: 'end', center: 'middle' };

export class SvgPen implements Pen {
  fillStyle: Pen['fillStyle'] = '#000';
  strokeStyle: Pen['strokeStyle'] = '#000';
  lineWidth = 1;
  globalAlpha = 1;
  font = '400 10px sans-serif';
  textAlign: CanvasTextAlign = 'start';
  private dash: readonly number[] = [];
  private left = 0;
  private top = 0;
  private path: string[] = [];
  private readonly saved: Settings[] = [];
  private readonly shapes: string[] = [];

  /** The whole drawing, with a title for those who do not see it. */
  toString(width: number, height: number, title: string, hatch: string): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img">`,
      `<title>${xml(title)}</title>`,
      `<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"><path d="M-6 6L0 0M0 6L6 0M6 6L12 0" stroke="${xml(hatch)}" stroke-width="1.4"/></pattern></defs>`,
      ...this.shapes,
      '</svg>\n',
    ].join('\n');
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    this.add(`<rect ${this.box(x, y, width, height)} ${this.inFill}/>`);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    this.add(`<rect ${this.box(x, y, width, height)} ${this.inStroke}/>`);
  }

  fillText(text: string, x: number, y: number): void {
    const anchor = ANCHOR[this.textAlign];
    const at = `x="${round(x + this.left)}" y="${round(y + this.top)}"`;
    const more = anchor ? ` text-anchor="${anchor}"` : '';
    this.add(`<text ${at}${more} ${this.inFont} xml:space="preserve" ${this.inFill}>${xml(text)}</text>`);
  }

  beginPath(): void {
    this.path = [];
  }
  closePath(): void {
    this.path.push('Z');
  }
  moveTo(x: number, y: number): void {
    this.path.push(`M${this.point(x, y)}`);
  }
  /** The first point of a canvas's path begins it, however it is named. */
  lineTo(x: number, y: number): void {
    this.path.push(`${this.path.length === 0 ? 'M' : 'L'}${this.point(x, y)}`);
  }
  arc(x: number, y: number, radius: number): void {
    const r = round(radius);
    const [from, to] = [this.point(x - radius, y), this.point(x + radius, y)];
    this.path.push(`M${from}A${r} ${r} 0 1 1 ${to}A${r} ${r} 0 1 1 ${from}`);
  }
  roundRect(x: number, y: number, width: number, height: number, radius: number): void {
    const r = Math.min(radius, width / 2, height / 2);
    const corner = (dx: number, dy: number): string =>
      `a${round(r)} ${round(r)} 0 0 1 ${round(dx)} ${round(dy)}`;
    this.path.push(
      `M${this.point(x + r, y)}h${round(width - 2 * r)}${corner(r, r)}v${round(height - 2 * r)}${corner(-r, r)}`,
      `h${round(2 * r - width)}${corner(-r, -r)}v${round(2 * r - height)}${corner(r, -r)}Z`,
    );
  }
  fill(): void {
    this.add(`<path d="${this.path.join('')}" ${this.inFill}/>`);
  }
  stroke(): void {
    this.add(`<path d="${this.path.join('')}" ${this.inStroke}/>`);
  }

  setLineDash(dash: readonly number[]): void {
    this.dash = dash;
  }
  translate(x: number, y: number): void {
    this.left += x;
    this.top += y;
  }
  save(): void {
    const { fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, dash, left, top } = this;
    this.saved.push({ fillStyle, strokeStyle, lineWidth, globalAlpha, font, textAlign, dash, left, top });
  }
  restore(): void {
    Object.assign(this, this.saved.pop());
  }

  private add(shape: string): void {
    this.shapes.push(shape);
  }
  private point(x: number, y: number): string {
    return `${round(x + this.left)} ${round(y + this.top)}`;
  }
  private box(x: number, y: number, width: number, height: number): string {
    return `x="${round(x + this.left)}" y="${round(y + this.top)}" width="${round(width)}" height="${round(height)}"`;
  }
  /** Attributes, not a style: a page that shows the picture may forbid styles. */
  private get inFont(): string {
    const [, weight, px, family] = /^(\d+) ([\d.]+)px (.+)$/.exec(this.font) ?? [];
    if (!px || !family) throw new Error(`A font is given as "400 12px family", not as "${this.font}".`);
    return `font-family="${xml(family)}" font-size="${px}" font-weight="${weight}"`;
  }
  private get inFill(): string {
    return `fill="${xml(String(this.fillStyle))}"${this.opacity}`;
  }
  private get inStroke(): string {
    const dash = this.dash.length > 0 ? ` stroke-dasharray="${this.dash.join(' ')}"` : '';
    return `fill="none" stroke="${xml(String(this.strokeStyle))}" stroke-width="${this.lineWidth}"${dash}${this.opacity}`;
  }
  private get opacity(): string {
    return this.globalAlpha < 1 ? ` opacity="${round(this.globalAlpha)}"` : '';
  }
}

const round = (n: number): number => Math.round(n * 100) / 100;

const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Halves of a character and two code points are not allowed in XML at all, not even by number. */
const NOT_XML = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g;

const xml = (text: string): string =>
  plainText(text)
    .replace(NOT_XML, '\ufffd')
    .replace(/[&<>"]/g, (char) => ENTITY[char] ?? char);
