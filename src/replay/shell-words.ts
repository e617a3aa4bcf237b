/** A command line cut into its words as a POSIX shell would, with bash's `$'…'`: what "Copy as cURL (bash)" writes. */

const PLAIN = /^[^\s'"\\$|&;<>()#`]+/;
const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
};

/** @throws Error with a sentence, on what only a shell could work out */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let rest = line;
  const take = (length: number, text: string) => {
    word = (word ?? '') + text;
    rest = rest.slice(length);
  };
  while (rest !== '') {
    const space = /^(?:\s|\\\r?\n|\^\r?\n)+/.exec(rest);
    const single = /^'([^']*)'/.exec(rest);
    const ansi = /^\$'((?:[^'\\]|\\[\s\S])*)'/.exec(rest);
    const double = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(rest);
    const plain = PLAIN.exec(rest);
    if (space) {
      if (word !== undefined) words.push(word);
      word = undefined;
      rest = rest.slice(space[0].length);
    } else if (single) take(single[0].length, single[1]!);
    else if (ansi) take(ansi[0].length, ansiText(ansi[1]!));
    else if (double) take(double[0].length, doubleText(double[1]!));
    else if (/^\\[\s\S]/.test(rest)) take(2, rest[1]!);
    else if (plain) take(plain[0].length, plain[0]);
    else if (word !== undefined && /^[#()]/.test(rest)) take(1, rest[0]!);
    else if (/^[&?=]/.test(rest) && word !== undefined && URL.canParse(word)) take(1, rest[0]!);
    else
      throw new Error(
        `The command cannot be read from ${JSON.stringify(rest.slice(0, 20))} on: ${whyNot(rest)}.`,
      );
  }
  if (word !== undefined) words.push(word);
  return words;
}

function whyNot(rest: string): string {
  if (/^['"]/.test(rest)) return 'a quote is not closed';
  if (/^[$`]/.test(rest)) return 'it needs a shell; write the value itself';
  return 'only one command is read, without pipes and redirections';
}

const doubleText = (text: string): string => {
  if (/(^|[^\\])(\\\\)*[$`]/.test(text))
    throw new Error('The command has a variable or a command inside double quotes: write the value itself.');
  return text.replace(/\\(["\\$`])/g, '$1').replace(/\\\r?\n/g, '');
};

const ansiText = (text: string): string =>
  text.replace(
    /\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|x([0-9a-fA-F]{1,2})|([0-7]{1,3})|([\s\S]))/g,
    (_, four, eight, two, octal, one) => {
      const hex = four ?? eight ?? two;
      if (hex !== undefined) return String.fromCodePoint(Math.min(Number.parseInt(hex, 16), 0x10ffff));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      return ANSI_ESCAPES[one] ?? one;
    },
  );
