import { defineConfig, devices } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: `${process.env.SUITE}.spec.ts`,
  fullyParallel: true,
  workers: Number(process.env.WORKERS ?? 1),
  use: {
    ...devices['Desktop Chrome'],
    baseURL: process.env.SITE,
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: JSON.parse(process.env.BROWSER_ARGS ?? '[]'),
    },
  },
});
