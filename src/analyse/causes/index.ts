/** All cause families, in the order in which they may blame a segment; the first that knows, says. */
import type { Cause } from '../../model/layer.ts';
import type { Segment } from '../segment.ts';
import type { Tree } from '../tree.ts';
import { browser } from './browser.ts';
import { connection } from './connection.ts';
import { db } from './db.ts';
import { dns } from './dns.ts';
import { host } from './host.ts';
import { lb } from './lb.ts';
import { network } from './network.ts';
import type { Blame, Family, Telling } from './rule.ts';
import { service } from './service.ts';

const FAMILIES: readonly Family[] = [host, dns, connection, lb, network, db, service, browser];

const PROBLEMS: ReadonlyMap<Cause, Telling> = new Map(
  FAMILIES.flatMap((family) => Object.entries(family.problems)),
);

const NOBODY: Blame = { cause: 'unknown', layer: 'unknown', component: 'nobody saw it' };

/** Time between steps, or inside one, that no span covers is nobody's: it is asked before the families. */
export function blameOf(segment: Segment, tree: Tree): Blame {
  if (segment.situation === 'uncovered') return NOBODY;
  for (const family of FAMILIES) {
    const blame = family.blame(segment, tree);
    if (blame) return blame;
  }
  return { cause: `${segment.span.layer}.other` };
}

/** How a cause is told when it is a problem; undefined for a cause that is normal work. */
export const tellingOf = (cause: Cause): Telling | undefined => PROBLEMS.get(cause);
