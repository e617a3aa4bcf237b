/** Who did what was asked of it: the server that a client or a load balancer had its answer from. */
import { FLAG, NOBODY, typeCode } from '../../model/span-table.ts';
import type { Span } from '../../model/trace.ts';
import { firstToEnd, type Tree } from '../tree.ts';

const PROXY = typeCode('proxy');

/** The server below who asked, load balancers aside; undefined when nobody there was seen. */
export const serverBehind = (asker: Span, tree: Tree): Span | undefined => {
  const place = tree.placeOf(asker);
  return place === NOBODY ? undefined : tree.list.at(serverPlaceBehind(place, tree));
};

/** The same by place; −1 when nobody there was seen. */
export const serverPlaceBehind = (asker: number, tree: Tree): number =>
  firstToEnd(
    asker,
    tree,
    ({ types, flags }, child) => (flags[child]! & FLAG.server) !== 0 && types[child] !== PROXY,
  );
