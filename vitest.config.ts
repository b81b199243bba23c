/** The two Vitest projects: `unit` runs in Node, `gpu` (*.gpu.test.ts) in a real Chromium with WebGPU. */
import { availableParallelism } from "node:os";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, mergeConfig } from "vitest/config";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/chromium.mjs";
import appConfig from "./vite.config.ts";

const executablePath = findChromium();

const testConfig = defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          environment: "node",
          // Whole training runs on the CPU, on machines that may be busy.
          testTimeout: 30_000,
          // By default one core is left alone, which is half of two.
          maxWorkers: availableParallelism(),
          include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts", "bench/**/*.test.ts"],
          exclude: ["src/**/*.gpu.test.ts"],
        },
      },
      {
        extends: true,
        // What only workers import would be found after a test has begun: bundling it then would reload the page under the test.
        optimizeDeps: { entries: ["src/**/*.worker.ts"] },
        test: {
          name: "gpu",
          include: ["src/**/*.gpu.test.ts"],
          // A software adapter on two shared cores compiles and runs a large kernel in seconds.
          testTimeout: 120_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...(executablePath ? { executablePath } : {}), args: CHROMIUM_FLAGS } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});

export default mergeConfig(appConfig, testConfig);
