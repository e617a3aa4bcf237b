import { defineConfig, devices } from '@playwright/test';

const port = process.env.PORT ?? '4400';

export default defineConfig({
  testDir: '.',
  fullyParallel: true,
  workers: 2,
  retries: 1,
  expect: { timeout: 2_000 },
  use: {
    baseURL: `http://localhost:${port}`,
    trace: 'retain-on-failure',
    launchOptions: { executablePath: process.env.CHROMIUM },
  },
  projects: [
    { name: 'desktop', use: { ...devices['Desktop Chrome'] } },
    { name: 'phone', use: { ...devices['Pixel 7'] }, testMatch: 'search.spec.ts' },
  ],
  webServer: { command: 'node site.mjs', url: `http://localhost:${port}/`, env: { PORT: port } },
});
