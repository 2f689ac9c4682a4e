import { defineConfig } from '@playwright/test';

/**
 * End to end, in the Chromium of the system, against everything running: E2E_GATEWAY_URL and E2E_SANDBOX_URL say where
 * (as `make run` starts it, unless set), E2E_SCREENSHOTS where pictures go, CHROMIUM_PATH which browser.
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  workers: 1,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    baseURL: process.env.E2E_GATEWAY_URL ?? 'http://127.0.0.1:8080',
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
});
