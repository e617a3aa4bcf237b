import { defineConfig } from 'vitest/config';

/** What compares times with what was injected has the machine to itself. */
const MEASURED = ['test/e2e/demo.test.ts', 'test/capture/**/*.test.ts', 'test/eval/short.test.ts'];

export default defineConfig({
  test: {
    // Real browsers, proxies and databases on two cores: patient.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    maxWorkers: 2,
    // Of tests that ask to run side by side: a browser's pages, as many as there are cores.
    maxConcurrency: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: MEASURED,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'measured', include: MEASURED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
