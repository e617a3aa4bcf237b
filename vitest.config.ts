import { defineConfig } from 'vitest/config';

/** What compares times with what was injected has the machine to itself. */
const MEASURED = ['test/e2e/demo.test.ts', 'test/capture/**/*.test.ts', 'test/eval/short.test.ts'];

/**
 * What drives real browsers, proxies and databases, or talks over real sockets: a machine that something else needs at
 * the moment may make one late. Such a test is tried once more, and its line says so (`retry x1`); one of pure code has
 * no such excuse.
 */
const REAL = [
  'test/{agent,capture,e2e,probe,scenarios,viewer}/**/*.test.ts',
  'test/{alert,collect,keeping,metrics,pull,serve}/**/*.test.ts',
  'test/doctor/proxy-lines.test.ts',
  'test/export/exporters.test.ts',
  'test/run/agents.test.ts',
  'test/run/named-traces-shop.test.ts',
  'test/store/sqlite.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/property-seed.ts'],
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
          exclude: [...REAL, ...MEASURED],
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'real',
          include: REAL,
          exclude: MEASURED,
          retry: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'measured', include: MEASURED, retry: 1, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
