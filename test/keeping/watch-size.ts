/** Watches how large a store becomes, from beside: also in the middle of a write. */
import { Worker } from 'node:worker_threads';

const CODE = `
const { parentPort, workerData } = require('node:worker_threads');
const { statSync } = require('node:fs');
const size = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
let most = 0, looks = 0, isDone = false;
parentPort.on('message', () => { isDone = true; });
(function look() {
  most = Math.max(most, size(workerData) + size(workerData + '-wal'));
  looks++;
  if (isDone) parentPort.postMessage({ most, looks }); else setTimeout(look, 1);
})();
`;

export interface Watched {
  readonly most: number;
  readonly looks: number;
}

/** @returns ends the watch */
export function watchSize(path: string): () => Promise<Watched> {
  const worker = new Worker(CODE, { eval: true, workerData: path });
  return () =>
    new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (watched: Watched) => {
        void worker.terminate();
        resolve(watched);
      });
      worker.postMessage('done');
    });
}
