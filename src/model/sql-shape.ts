/**
 * What two executions of one statement have in common: the text without comments, with every value and placeholder
 * as `?`, and one space where there was white space. `select 1 -- x`, `SELECT  2` differ: words are kept as they are.
 */

/** A statement longer than this is told from others by its beginning. */
const SHAPE_CHARS = 2_000;

const PIECES = [
  /\/\*[\s\S]*?(?:\*\/|$)/, // a comment
  /--[^\n]*/,
  /"(?:[^"]|"")*"/, // a name, or what MySQL takes for a value: kept
  /(?:\b[eEbBxXnN])?'(?:[^'\\]|\\.|'')*(?:'|$)/, // a quoted value
  /\$[A-Za-z_]*\$[\s\S]*?\$[A-Za-z_]*\$/,
  /[$:]\d+\b|\?/, // a placeholder
  /(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/, // a number that is no part of a name
];
const TOKEN = new RegExp(PIECES.map(({ source }) => source).join('|'), 'g');

export function sqlShape(sql: string): string {
  return sql
    .slice(0, SHAPE_CHARS)
    .replace(TOKEN, (found) => (found.startsWith('"') ? found : /^(\/\*|--)/.test(found) ? ' ' : '?'))
    .replace(/\s+/g, ' ')
    .replace(/[\s;]+$/, '')
    .trimStart();
}
