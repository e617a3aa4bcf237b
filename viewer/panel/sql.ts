/** SQL laid out for reading: each clause on a line of its own. Words inside quotes and comments are left alone. */

const CLAUSES =
  /\b(select|from|where|group by|order by|having|limit|offset|returning|values|set|union all|union|on conflict|(?:left |right |full |inner |cross )?(?:outer )?join|with)\b/gi;
const CONNECTORS = /\b(and|or)\b/gi;
/** Strings, quoted names, comments. */
const QUOTED = /('(?:[^']|'')*'|"(?:[^"]|"")*"|\/\*[\s\S]*?\*\/|--[^\n]*)/;

export function layOutSql(sql: string): string {
  const parts = sql.trim().split(QUOTED);
  const laidOut = parts.map((part, i) => (i % 2 === 1 ? part : breakClauses(part)));
  return laidOut
    .join('')
    .replace(/[ \t]+\n/g, '\n')
    .trim();
}

const breakClauses = (part: string): string =>
  part
    .replace(/\s+/g, ' ')
    .replace(CLAUSES, (clause) => `\n${clause}`)
    .replace(CONNECTORS, (word) => `\n  ${word}`);
