/** Reads a run. A large one is prepared by a worker, so that the page stays awake while a million spans come in. */
import { unpackColumns } from '../../src/analyse/columns/packed.ts';
import type { RunColumns } from '../../src/model/columns.ts';
import { fetchPackedColumns, fetchRunAsColumns } from '../api.ts';
import type { LanePlan } from '../layers/layer-lanes.ts';
import { pack } from '../packed.ts';
import type { PreparedRun } from '../trace/prepared-run.ts';
import type { FromWorker } from './prepare-worker.ts';

export interface ReadRun {
  readonly columns: RunColumns;
  readonly prepared?: PreparedRun;
  /** Laid out while the first bars are looked at. */
  readonly lanes?: Promise<LanePlan>;
}

/** Below it (some 30 000 spans) preparing takes less than starting a worker. */
const WORKER_FROM_BYTES = 4_000_000;

/** @throws AskError whose message is a sentence for the person */
export async function readRun(traceId: string): Promise<ReadRun> {
  const bytes = await fetchPackedColumns(traceId);
  if (!bytes) return { columns: await fetchRunAsColumns(traceId) };
  // A page from a file may start no worker.
  if (pack || bytes.length < WORKER_FROM_BYTES) return { columns: unpackColumns(bytes) };
  return prepareAside(bytes);
}

function prepareAside(bytes: Uint8Array): Promise<ReadRun> {
  const worker = new Worker(new URL('./prepare-worker.ts', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    const fail = (sentence: string): void => {
      worker.terminate();
      reject(new Error(sentence));
    };
    let lanesAreThere: (lanes: LanePlan) => void = () => {};
    const lanes = new Promise<LanePlan>((done) => {
      lanesAreThere = done;
    });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.is === 'failed') fail(data.sentence);
      else if (data.is === 'prepared')
        resolve({ columns: unpackColumns(data.bytes), prepared: data.prepared, lanes });
      else {
        lanesAreThere(data.lanes);
        worker.terminate();
      }
    };
    worker.onerror = ({ message }) => fail(`The run could not be prepared: ${message}.`);
    worker.postMessage(bytes, [bytes.buffer as ArrayBuffer]);
  });
}
