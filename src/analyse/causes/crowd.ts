/**
 * The browser's own host with no CPU left: whatever waits there for its turn waits for the observation itself. Visitors
 * bring CPUs of their own, so this is nobody's fault; it is in the ledger under a name of its own.
 */
import { HOST_LANES } from '../../model/host-lanes.ts';
import { lanesNamed, meanOf, type Stretch } from '../lane-window.ts';
import type { Tree } from '../tree.ts';
import type { Blame } from './rule.ts';

/** From here on nothing of a host's CPUs is left for anybody; who is held to one of several CPUs leaves the others idle. */
const CROWDED_PERCENT = 85;

export interface Crowd {
  readonly host: string;
  /** Of the CPUs' time. */
  readonly busyPercent: number;
}

/** Undefined where the browser's host had a CPU left, or nobody watched it. */
export function crowdIn(stretch: Stretch, tree: Pick<Tree, 'root' | 'lanes'>): Crowd | undefined {
  const host = tree.root.osProcess?.host;
  const busy = lanesNamed(tree, HOST_LANES.cpuBusy).find((lane) => lane.host === host);
  const busyPercent = busy ? (meanOf(busy, [stretch]) ?? 0) : 0;
  return host !== undefined && busyPercent >= CROWDED_PERCENT ? { host, busyPercent } : undefined;
}

export function crowdedByBrowser(stretch: Stretch, tree: Tree): Blame | undefined {
  const crowd = crowdIn(stretch, tree);
  return crowd && { cause: 'browser.crowded_host', layer: 'browser', component: `browser on ${crowd.host}` };
}
