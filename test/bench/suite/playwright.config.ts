import { defineConfig, devices } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  fullyParallel: true,
  workers: Number(process.env.WORKERS ?? 1),
  use: {
    ...devices['Desktop Chrome'],
    baseURL: `http://localhost:${process.env.PORT}`,
    launchOptions: { executablePath: process.env.CHROMIUM },
  },
});
