/**
 * A name as the value of a label. Every value is a time series of its own in somebody's database for ever, so what
 * differs from run to run (an ID, the values of an address) must not be in it.
 *
 *   Open https://shop.example/item/4711?page=2    Open https://shop.example/item/{n}?page
 *   pay invoice 1000234                           pay invoice {n}
 *   buy twice, step 2                             buy twice, step 2
 */
import { addressParts, pathTemplate } from '../analyse/compare/template.ts';

/** A name is for reading; what is longer is a text. Characters. */
export const LONGEST_VALUE = 100;
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/[^\s"'<>]+/gi;
const PATH = /(?<![\w}])\/[^\s"'<>]*/g;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Eight hex digits or more with a figure among them; a trace ID has 32. */
const HEX_ID = /(?=[0-9a-f]*\d)[0-9a-f]{8,}/gi;
/** A person who names steps counts to a thousand at most; five digits come from a database. */
const LONG_NUMBER = /\d{5,}/g;
/** Letters and figures mixed, long: a token, a key, an ID in base 64. */
const TOKEN = /(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{16,}/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

export function labelValue(text: string): string {
  const plain = wellFormed(text)
    .replace(CONTROL, ' ')
    .replace(ADDRESS, addressTemplate)
    .replace(PATH, (path) => templateOf(path));
  return shorten(withoutIds(plain).replace(/\s+/g, ' ').trim());
}

const withoutIds = (text: string): string =>
  text.replace(UUID, '{id}').replace(TOKEN, '{id}').replace(HEX_ID, '{id}').replace(LONG_NUMBER, '{n}');

function addressTemplate(address: string): string {
  const parts = addressParts(address);
  return parts
    ? `${address.slice(0, address.indexOf(':'))}://${parts.host}${pathTemplate(parts.path, parts.query)}`
    : '{address}';
}

function templateOf(pathAndQuery: string): string {
  const [path = '', query = ''] = pathAndQuery.split('#', 1)[0]!.split('?', 2);
  return pathTemplate(path, query);
}

const shorten = (text: string): string => {
  const letters = [...text];
  return letters.length <= LONGEST_VALUE ? text : `${letters.slice(0, LONGEST_VALUE - 1).join('')}…`;
};

/** Half a surrogate pair is no UTF-8. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');
