/** Addresses of a recording, written from the place where it is replayed. */
import { pathTemplate } from '../analyse/compare/template.ts';
import { BASE_URL, type Text } from './recording.ts';

/** An address at the recording's own origin begins with `baseUrl`, so that `--url` can move it. */
export function atBase(url: Text, origin: string | undefined): Text {
  const [first, ...rest] = url;
  if (origin === undefined || typeof first !== 'string') return url;
  if (first !== origin && !first.startsWith(`${origin}/`) && !first.startsWith(`${origin}?`)) return url;
  const path = first.slice(origin.length);
  return [
    { value: BASE_URL },
    ...(path === '' || (path === '/' && rest.length === 0) ? ['/'] : [path]),
    ...rest,
  ];
}

export const originOf = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined;
  const { origin, protocol } = new URL(url);
  return /^https?:$/.test(protocol) ? origin : undefined;
};

export const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

/** The path of an address with its values left open: the next order has another number. */
export const pathPattern = (url: string): string =>
  `^${pathTemplate(pathOf(url))
    .split(/(\{\w+\})/)
    .map((part) => (/^\{\w+\}$/.test(part) ? '[^/]+' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
    .join('')}$`;
