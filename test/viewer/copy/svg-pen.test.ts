import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wrap } from '../../../viewer/copy/picture.ts';
import { SvgPen } from '../../../viewer/copy/svg-pen.ts';
import { cutTo } from '../../../viewer/cut-text.ts';

const drawn = (draw: (pen: SvgPen) => void): string => {
  const pen = new SvgPen();
  draw(pen);
  return pen.toString(100, 50, 'a picture', 'rgb(0 0 0 / 0.3)');
};
const isHalf = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

describe('the SVG pen', () => {
  it('writes rectangles, where it was moved to, and back again', () => {
    const svg = drawn((pen) => {
      pen.save();
      pen.translate(10, 20);
      pen.fillStyle = '#abc';
      pen.globalAlpha = 0.5;
      pen.fillRect(1, 2, 3.456, 4);
      pen.restore();
      pen.fillRect(1, 2, 3, 4);
    });
    expect(svg).toContain('<rect x="11" y="22" width="3.46" height="4" fill="#abc" opacity="0.5"/>');
    expect(svg).toContain('<rect x="1" y="2" width="3" height="4" fill="#000"/>');
  });

  it('writes a path that begins where a canvas would begin it, and forgets it at the next', () => {
    const svg = drawn((pen) => {
      pen.beginPath();
      pen.lineTo(1, 1);
      pen.lineTo(5, 5);
      pen.stroke();
      pen.beginPath();
      pen.moveTo(7, 7);
      pen.lineTo(8, 8);
      pen.setLineDash([3, 3]);
      pen.stroke();
    });
    expect(svg).toContain('d="M1 1L5 5" fill="none"');
    expect(svg).toContain('d="M7 7L8 8" fill="none" stroke="#000" stroke-width="1" stroke-dasharray="3 3"');
  });

  it('rounds corners no further than the box is small', () => {
    const svg = drawn((pen) => {
      pen.beginPath();
      pen.roundRect(0, 0, 10, 2, 4);
      pen.fill();
    });
    expect(svg).toContain('M1 0h8a1 1 0 0 1 1 1v0a1 1 0 0 1 -1 1h-8a1 1 0 0 1 -1 -1v0a1 1 0 0 1 1 -1Z');
  });

  it('lets no text leave its element, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const svg = drawn((pen) => pen.fillText(`${text}</text><script>&"\u0000\ud800\uffff`, 1, 2));
        const inner = /<text [^>]*>([^<]*)<\/text>/.exec(svg)?.[1] ?? '<';
        expect(inner).toContain('&lt;/text&gt;&lt;script&gt;&amp;&quot;');
        expect(inner.replace(/&(lt|gt|amp|quot);/g, '')).not.toMatch(/[<>&"]/);
        const codes = Array.from(inner, (char) => char.codePointAt(0) ?? 0);
        expect(
          codes.filter((code) => code < 9 || isHalf(code) || code === 0xfffe || code === 0xffff),
        ).toEqual([]);
      }),
    );
  });
});

describe('texts in a picture', () => {
  const widthOf = (text: string): number => Array.from(text).length * 10;

  it('are cut to the room there is, and say so', () => {
    expect(cutTo('hello', 50, widthOf)).toBe('hello');
    expect(cutTo('hello', 49, widthOf)).toBe('hel…');
    expect(cutTo('hello', 5, widthOf)).toBe('');
    expect(cutTo('', 0, widthOf)).toBe('');
  });

  it('never take more room than there is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 0, max: 400 }), (text, room) => {
        expect(widthOf(cutTo(text, room, widthOf))).toBeLessThanOrEqual(room);
        const lines = wrap(text, room, widthOf);
        expect(lines.length).toBeLessThanOrEqual(4);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(room);
      }),
    );
  });

  it('keep all words where there is room', () => {
    expect(wrap('one two three four', 90, widthOf)).toEqual(['one two', 'three', 'four']);
    expect(wrap('a b c d e f g', 10, widthOf)).toEqual(['a', 'b', 'c', '']);
  });
});
