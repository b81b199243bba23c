/**
 * The user stories, `*.spec.ts`, on the production build in real Chromium. Project `webgpu` has WebGPU, on a
 * software adapter where there is no GPU; stories tagged `@cpu` run instead in `no-webgpu`, a Chromium that offers no adapter.
 */
import { defineConfig, devices } from "@playwright/test";
import { CHROMIUM_FLAGS, NO_WEBGPU_FLAGS, findChromium } from "../scripts/chromium.mjs";

const executablePath = findChromium();
const browser = executablePath ? { executablePath } : {};
const desktop = { ...devices["Desktop Chrome"], viewport: { width: 1440, height: 900 } };

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results/e2e",
  // One browser at a time: two would share the cores that stand in for a GPU.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: Boolean(process.env["CI"]),
  // Compiling the kernels on a software adapter takes tens of seconds before the first step.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json", { outputFile: process.env["PLAYWRIGHT_JSON_OUTPUT_FILE"] ?? "../test-results/reports/e2e.json" }]],
  use: { ...desktop, actionTimeout: 20_000, navigationTimeout: 30_000, trace: "retain-on-failure", screenshot: "only-on-failure" },
  projects: [
    { name: "webgpu", grepInvert: /@cpu/, use: { launchOptions: { ...browser, args: CHROMIUM_FLAGS } } },
    { name: "no-webgpu", grep: /@cpu/, use: { launchOptions: { ...browser, args: NO_WEBGPU_FLAGS } } },
  ],
  webServer: {
    command: `"${process.execPath}" scripts/run.cjs start --no-open --port 0`,
    cwd: "..",
    // The group's name becomes an environment variable, which `support/test.ts` reads.
    wait: { stdout: /http:\/\/localhost:(?<descent_port>\d+)\// },
    gracefulShutdown: { signal: "SIGTERM", timeout: 5000 },
    timeout: 180_000,
  },
});
