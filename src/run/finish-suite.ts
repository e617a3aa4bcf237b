/**
 * A process of its own that makes the runs of a suite, keeps them and removes the folder. With the folder as its
 * argument it does so at once; as the reporter's child it makes runs while tests are on, until it is told that they are
 * over. When whoever would tell it is gone, they are over too.
 */
import { removeSuiteFolder } from '../../probe/suite/test-record.ts';
import { DEFAULT_VIEWER_PORT } from '../serve/viewer-port.ts';
import { openStore } from '../store/sqlite.ts';
import { serving } from './serving.ts';
import { SuiteKeeper, type TestRun } from './suite.ts';
import type { FinishTold, SuiteBegun, SuiteOver } from './suite-finisher.ts';

async function keepSuite(
  { folder, port = DEFAULT_VIEWER_PORT }: SuiteBegun,
  over: Promise<SuiteOver>,
): Promise<TestRun[]> {
  const store = openStore();
  try {
    const isUp = await serving(port);
    const keeper = new SuiteKeeper({
      folder,
      store,
      ...(isUp && { viewerUrl: (traceId: string) => `http://127.0.0.1:${port}/run/${traceId}` }),
    });
    const { settleMs = 0 } = await keeper.keepUntil(over);
    if (settleMs === 0) return await keeper.finish();
    const settle = { quietMs: Math.min(1_000, settleMs), atLeastMs: settleMs, atMostMs: settleMs * 2 };
    return await keeper.finish({ settle });
  } finally {
    store.close();
    removeSuiteFolder(folder);
  }
}

const tell = (told: FinishTold): void => void process.send?.(told, () => process.disconnect?.());

const folder = process.argv[2];
if (folder) await keepSuite({ folder }, Promise.resolve({}));
else {
  // Ctrl-C in a terminal reaches this process too; the suite's own end comes from Playwright.
  process.on('SIGINT', () => undefined);
  const over = new Promise<SuiteOver>((resolve) => {
    process.once('disconnect', () => resolve({}));
    process.once('message', (begun: SuiteBegun) => {
      process.once('message', resolve);
      keepSuite(begun, over).then(
        (tests) => tell({ tests }),
        (error: unknown) => tell({ failure: error instanceof Error ? error.message : String(error) }),
      );
    });
  });
}
