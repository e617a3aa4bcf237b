/** Where the viewer is: the browser's address, or, in a file that carries its run with it, what follows its `#`. */
import { pack } from './packed.ts';

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export function placeNow(): Place {
  if (!pack) return { path: location.pathname, query: new URLSearchParams(location.search) };
  const [path = '', query = ''] = (location.hash.slice(1) || pack.start).split(/\?(.*)/s);
  return { path, query: new URLSearchParams(query) };
}

/** @param to path and query: `/run/4bf9…?q=sql` */
export const addressFor = (to: string): string => (pack ? `#${to}` : to);

/** A step that the back button undoes. */
export const goTo = (to: string): void => history.pushState(null, '', addressFor(to));

/** The same place, said more exactly. */
export const replacePlace = (to: string): void => history.replaceState(null, '', addressFor(to));
