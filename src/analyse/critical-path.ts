/**
 * The critical path: walk back from the moment a step was satisfied: the last thing that finished, then what it
 * waited for, down through request, load balancer, service and database. Every instant of the run belongs to exactly
 * one segment, so that the ledger sums to the wall time.
 *
 * Iterative throughout, and each child is looked at once: depth and width are limited by memory only.
 */
import type { Nanos } from '../model/time.ts';
import type { Span, Trace } from '../model/trace.ts';
import { walkPage } from './page-path.ts';
import { BackwardPath, type Segment } from './segment.ts';
import { walkSpan } from './span-path.ts';
import { type Tree, treeOf, typeOf } from './tree.ts';

export function criticalPath(trace: Pick<Trace, 'rootId' | 'spans'>, tree: Tree = treeOf(trace)): Segment[] {
  const path = new BackwardPath();
  const { root } = tree;
  if (typeOf(root) !== 'run') walkSpan(tree, root, root.startNs, root.endNs, path);
  else for (const { owner, startNs, endNs } of windowsOf(tree)) walkPage(tree, owner, startNs, endNs, path);
  return path.inOrder();
}

interface Window {
  readonly owner: Span;
  readonly startNs: Nanos;
  readonly endNs: Nanos;
}

/**
 * The run cut at its steps, latest first. What lies between two steps belongs to the run itself.
 * ```
 * // run   |------------------------------|
 * // steps   |-------|    |-----------|          overlapping steps: the later one has the shared time
 * ```
 */
function windowsOf(tree: Tree): Window[] {
  const { root } = tree;
  const steps = tree.childrenOf(root).filter((span) => typeOf(span) === 'step');
  const windows: Window[] = [];
  let cursor = root.endNs;
  for (const step of [...steps].sort((a, b) => b.startNs - a.startNs)) {
    const startNs = Math.max(step.startNs, root.startNs);
    const endNs = Math.min(step.endNs, cursor);
    if (endNs <= startNs) continue;
    if (endNs < cursor) windows.push({ owner: root, startNs: endNs, endNs: cursor });
    windows.push({ owner: step, startNs, endNs });
    cursor = startNs;
  }
  if (cursor > root.startNs) windows.push({ owner: root, startNs: root.startNs, endNs: cursor });
  return windows;
}
