/** Prepares a large run away from the page's main thread: bytes in, the same bytes and flat arrays out, nothing copied. */
import { unpackColumns } from '../../src/analyse/columns/packed.ts';
import { type LanePlan, planLanes } from '../layers/layer-lanes.ts';
import { type PreparedRun, prepareRun } from '../trace/prepared-run.ts';

/** What the worker sends: first what the bars need; then, while they are looked at, the lanes. */
export type FromWorker =
  | { readonly is: 'prepared'; readonly bytes: Uint8Array; readonly prepared: PreparedRun }
  | { readonly is: 'lanes'; readonly lanes: LanePlan }
  | { readonly is: 'failed'; readonly sentence: string };

/** The worker's side of itself; the page's types know only the page. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Uint8Array>) => void) | null;
  postMessage(message: FromWorker, transfer: Transferable[]): void;
}
const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: bytes }) => {
  try {
    const columns = unpackColumns(bytes);
    const prepared = prepareRun(columns);
    const { layer, startNs, endNs } = columns.spans;
    const { startNs: from, endNs: to, span } = columns.path;
    // Copies: the originals go back to the page.
    const spans = {
      size: layer.length,
      layer: layer.slice(),
      startNs: startNs.slice(),
      endNs: endNs.slice(),
      aside: prepared.tree.aside.slice(),
    };
    const path = { startNs: from.slice(), endNs: to.slice(), span: span.slice() };
    scope.postMessage({ is: 'prepared', bytes, prepared }, buffersOf([bytes, prepared]));
    const lanes = planLanes(spans, path);
    scope.postMessage({ is: 'lanes', lanes }, buffersOf(lanes));
  } catch (error) {
    scope.postMessage({ is: 'failed', sentence: (error as Error).message }, []);
  }
};

/** Every buffer in it, once. */
function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) buffersOf(part, found);
  return [...found];
}
