/** A text from elsewhere inside of Markdown: nothing in it may end a table's cell or begin markup. */
import { plainText, shorten } from '../element.ts';

const LONGEST_CELL = 360;

export const cell = (text: string): string =>
  shorten(plainText(text), LONGEST_CELL)
    .replace(/[\\|<>`*_[\]]/g, '\\$&')
    .replace(/\s+/g, ' ');
