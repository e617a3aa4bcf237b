/** Texts from elsewhere inside of Markdown. */

const LINE_BREAKS = /[\r\n\u2028\u2029]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** On one line, with every character that Markdown or HTML would act upon as itself. */
export const inline = (text: string): string =>
  text
    .replace(LINE_BREAKS, ' ')
    .replace(CONTROL, '')
    .replace(/[\\`*_{}[\]<>|#~]/g, (char) => `\\${char}`)
    .replace(/\b(https?):\/\//g, '$1&#58;//');

/** Between backticks. */
export const code = (text: string): string =>
  text.replace(LINE_BREAKS, ' ').replace(CONTROL, '').replace(/[`|]/g, '');
