/**
 * The browser holds a request back until another one has got leave for it:
 * ```
 * // GET /points   |wait_for_connection-----|--------|
 * // OPTIONS /points   |-------------------|
 * ```
 */
import { HEADWATER } from '../model/attributes.ts';
import type { Span } from '../model/trace.ts';
import { spansOfType, type Tree, textAt } from './tree.ts';

/** @param wait the time that the request was held back @returns what happened in it, by end */
export function withPreflights(tree: Tree, wait: Span, children: readonly Span[]): readonly Span[] {
  const preflights = preflightsOf(tree).get(wait.parentId ?? '');
  return preflights ? [...children, ...preflights].sort((a, b) => a.endNs - b.endNs) : children;
}

/** The request that this one asks leave for, if it is a preflight (https://fetch.spec.whatwg.org/#cors-preflight-fetch). */
export function servedBy(request: Span, tree: Tree): Span | undefined {
  const { attributes } = request;
  if (textAt(attributes, 'http.request.method') !== 'OPTIONS') return undefined;
  const served = tree.spanNamed(textAt(attributes, HEADWATER.initiator));
  const isSameAddress = served && textAt(served.attributes, 'url.full') === textAt(attributes, 'url.full');
  return served !== request && isSameAddress ? served : undefined;
}

const preflightsByTree = new WeakMap<Tree, ReadonlyMap<string, readonly Span[]>>();

/** By the id of the request that they serve. */
function preflightsOf(tree: Tree): ReadonlyMap<string, readonly Span[]> {
  const known = preflightsByTree.get(tree);
  if (known) return known;
  const made = new Map<string, Span[]>();
  for (const span of spansOfType(tree, 'request')) {
    const served = servedBy(span, tree);
    if (served) made.set(served.spanId, [...(made.get(served.spanId) ?? []), span]);
  }
  preflightsByTree.set(tree, made);
  return made;
}
