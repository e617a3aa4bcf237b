/**
 * A process of its own that makes the runs of a suite, keeps them and removes the folder. With the folder as its
 * argument it does so at once; as the reporter's child it has loaded its code by the time it is told to begin.
 */
import { removeSuiteFolder } from '../../probe/suite/test-record.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { openStore } from '../store/sqlite.ts';
import { serving } from './serving.ts';
import { keepSuite, type TestRun } from './suite.ts';
import type { FinishOrder, FinishTold } from './suite-finisher.ts';

async function finish({ folder, settleMs = 0, port = DEFAULT_VIEWER_PORT }: FinishOrder): Promise<TestRun[]> {
  const store = openStore();
  try {
    const isUp = await serving(port);
    return await keepSuite({
      folder,
      store,
      ...(settleMs > 0 && {
        settle: { quietMs: Math.min(1_000, settleMs), atLeastMs: settleMs, atMostMs: settleMs * 2 },
      }),
      ...(isUp && { viewerUrl: (traceId: string) => `http://127.0.0.1:${port}/run/${traceId}` }),
    });
  } finally {
    store.close();
    removeSuiteFolder(folder);
  }
}

const tell = (told: FinishTold): void => void process.send?.(told, () => process.disconnect?.());

const folder = process.argv[2];
if (folder) await finish({ folder });
else {
  process.once('message', (order: FinishOrder) => {
    finish(order).then(
      (tests) => tell({ tests }),
      (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }),
    );
  });
}
