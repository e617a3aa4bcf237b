/**
 * A process of its own that makes the runs of a suite, keeps them and removes the folder. With the folder as its
 * argument it does so at once; as the reporter's child it has loaded and rehearsed it by the time it is told to begin.
 */
import { removeSuiteFolder } from '../../probe/suite/test-record.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/server.ts';
import { openStore } from '../store/sqlite.ts';
import { serving } from './serving.ts';
import { keepSuite } from './suite.ts';
import type { ChildOrder, FinishOrder, FinishTold, ToldTest } from './suite-finisher.ts';

const REHEARSALS = 3;

async function finish({
  folder,
  settleMs = 0,
  port = DEFAULT_VIEWER_PORT,
}: FinishOrder): Promise<ToldTest[]> {
  const store = openStore();
  try {
    const isUp = await serving(port);
    const runs = await keepSuite({
      folder,
      store,
      ...(settleMs > 0 && {
        settle: { quietMs: Math.min(1_000, settleMs), atLeastMs: settleMs, atMostMs: settleMs * 2 },
      }),
      ...(isUp && { viewerUrl: (traceId: string) => `http://127.0.0.1:${port}/run/${traceId}` }),
    });
    return runs.map(({ test, view }) => ({ test, report: view.report }));
  } finally {
    store.close();
    removeSuiteFolder(folder);
  }
}

/**
 * Makes the runs of the tests so far, and throws them away: their traces are not there yet. Code that has run a few
 * times is compiled: twenty runs that take 0.77 s without take 0.70 s when the suite waits for them.
 */
async function rehearse(folder: string): Promise<void> {
  const store = openStore(':memory:');
  try {
    for (let i = 0; i < REHEARSALS; i++) await keepSuite({ folder, store });
  } finally {
    store.close();
  }
}

const tell = (told: FinishTold): void => void process.send?.(told, () => process.disconnect?.());

const folder = process.argv[2];
if (folder) await finish({ folder });
else {
  process.on('message', (order: ChildOrder) => {
    if ('rehearse' in order) {
      rehearse(order.rehearse).catch(() => undefined);
      return;
    }
    finish(order).then(
      (tests) => tell({ tests }),
      (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }),
    );
  });
}
