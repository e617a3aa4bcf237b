/**
 * A call that failed at the server's end, and who failed first: the deepest server that answered with an error, or the
 * one that was asked and says nothing.
 * ```
 * // web       POST /order  |---------------------------|
 * // payment     POST /charge ✗ |-------|                     blamed: its own answer was the error
 * // web         POST /charge              |--------|         tried again, or gone on without
 * ```
 */
import type { Span } from '../../model/trace.ts';
import { timedOut } from '../timeout.ts';
import { failedCalls, isServiceCall, numberAt, type Tree, textAt, typeOf } from '../tree.ts';

/** UNKNOWN, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, DATA_LOSS (https://grpc.io/docs/guides/status-codes/). */
const GRPC_SERVER_FAULTS: ReadonlySet<number> = new Set([2, 8, 13, 14, 15]);

const statusOf = ({ attributes }: Span): number | undefined =>
  numberAt(attributes, 'http.response.status_code') ?? numberAt(attributes, 'http.status_code');
const grpcStatusOf = ({ attributes }: Span): number | undefined =>
  numberAt(attributes, 'rpc.grpc.status_code');

/** Did it fail by a fault of the one that was asked? A refusal of what was asked (4xx) and a caller that gave up are none. */
export function failedThere(span: Span): boolean {
  const grpc = grpcStatusOf(span);
  if (grpc !== undefined) return GRPC_SERVER_FAULTS.has(grpc);
  const status = statusOf(span);
  if (status !== undefined) return status >= 500;
  return span.status.code === 'error' && !timedOut(span);
}

/** `503`, `gRPC 14`, `ECONNREFUSED`: how it is told. */
export const errorTextOf = (span: Span): string => {
  const grpc = grpcStatusOf(span);
  const said = grpc === undefined ? statusOf(span) : `gRPC ${grpc}`;
  return String(said ?? textAt(span.attributes, 'error.type') ?? (span.status.message || 'an error'));
};

const hasFailedByTree = new WeakMap<Tree, boolean>();

/** In most runs none has failed, and nobody need look upwards. */
function hasFailedCalls(tree: Tree): boolean {
  const known = hasFailedByTree.get(tree) ?? failedCalls(tree).some(failedThere);
  hasFailedByTree.set(tree, known);
  return known;
}

const failedByTree = new WeakMap<Tree, Map<Span, Span | undefined>>();

/** The outermost call of a service that failed, at or above this span; each span is asked once. */
export function failedCallAround(span: Span, tree: Tree): Span | undefined {
  if (!hasFailedCalls(tree)) return undefined;
  const known = failedByTree.get(tree) ?? new Map<Span, Span | undefined>();
  failedByTree.set(tree, known);
  const passed: Span[] = [];
  let above: Span | undefined;
  for (let at: Span | undefined = span; at; at = tree.parentOf(at)) {
    if (known.has(at)) {
      above = known.get(at);
      break;
    }
    passed.push(at);
  }
  for (const each of passed.reverse()) {
    above ??= isServiceCall(each) && failedThere(each) ? each : undefined;
    known.set(each, above);
  }
  return above;
}

/** Who failed first: down from a call through servers and calls that failed, the earliest of several. */
export function firstToFail(from: Span, tree: Tree): Span {
  let at = from;
  for (let next: Span | undefined = at; next; next = failedBelow(at, tree)) at = next;
  return at;
}

function failedBelow(span: Span, tree: Tree): Span | undefined {
  const below = tree.childrenOf(span).flatMap((child) => through(child, tree));
  return below
    .filter((child) => (isServiceCall(child) || child.kind === 'server') && failedThere(child))
    .reduce<Span | undefined>((a, b) => (a && a.endNs <= b.endNs ? a : b), undefined);
}

/** What stitching and programs put between a server and its calls: tries of one call, load balancers. */
function through(child: Span, tree: Tree): readonly Span[] {
  if (typeOf(child) !== 'call' && child.layer !== 'lb') return [child];
  return tree.childrenOf(child).flatMap((below) => through(below, tree));
}

/** The call that this server gave up waiting for, if it failed because of that. */
export function givenUpCall(server: Span, tree: Tree): Span | undefined {
  const calls = tree.childrenOf(server).flatMap((child) => through(child, tree));
  return calls.find((call) => isServiceCall(call) && timedOut(call));
}

/** Its name: the server's own, or what its caller calls it. */
export function nameOf(failed: Span): string {
  if (failed.kind === 'server') return failed.component;
  return (
    textAt(failed.attributes, 'peer.service') ??
    textAt(failed.attributes, 'server.address') ??
    failed.component
  );
}
