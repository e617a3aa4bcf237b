/**
 * All cause families, in the order in which they may blame a segment; the first that knows, says. A segment whose own
 * time is normal work is then looked at once more, for what lies around it.
 */
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
import { type Blame, type Blamer, type Family, NOBODY, type Telling } from './rule.ts';
import { service } from './service.ts';
import { tls } from './tls.ts';

const FAMILIES: readonly Family[] = [host, dns, connection, tls, lb, network, db, service, browser];

const BLAMERS: readonly Blamer[] = FAMILIES.map(({ blame }) => blame);
const AROUND: readonly Blamer[] = FAMILIES.flatMap(({ around }) => around ?? []);

const PROBLEMS: ReadonlyMap<Cause, Telling> = new Map(
  FAMILIES.flatMap((family) => Object.entries(family.problems)),
);

/** Time between steps, or inside one, that no span covers is nobody's: it is asked before the families. */
export function blameOf(segment: Segment, tree: Tree): Blame {
  if (segment.situation === 'uncovered') return NOBODY;
  const own = firstAnswer(BLAMERS, segment, tree);
  if (own && tellingOf(own.cause)) return own;
  const around = firstAnswer(AROUND, segment, tree);
  return around ?? own ?? { cause: `${segment.span.layer}.other` };
}

function firstAnswer(blamers: readonly Blamer[], segment: Segment, tree: Tree): Blame | undefined {
  for (const blame of blamers) {
    const answer = blame(segment, tree);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** How a cause is told when it is a problem; undefined for a cause that is normal work. */
export const tellingOf = (cause: Cause): Telling | undefined => PROBLEMS.get(cause);
