/** Build, dev server and the two Vitest projects: `unit` runs in Node, `gpu` (*.gpu.test.ts) in a real Chromium with WebGPU. */
import react from "@vitejs/plugin-react";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/chromium.mjs";
import { SECURITY_HEADERS } from "./scripts/headers.mjs";

export default defineConfig({
  plugins: [react()],
  build: { target: "esnext", assetsInlineLimit: 0, chunkSizeWarningLimit: 900 },
  worker: { format: "es" },
  preview: { headers: SECURITY_HEADERS },
  test: {
    projects: [
      { extends: true, test: { name: "unit", environment: "node", include: ["src/**/*.test.{ts,tsx}"], exclude: ["src/**/*.gpu.test.ts"] } },
      {
        extends: true,
        test: {
          name: "gpu",
          include: ["src/**/*.gpu.test.ts"],
          testTimeout: 120_000,
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { ...(findChromium() ? { executablePath: findChromium()! } : {}), args: CHROMIUM_FLAGS } }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
    ],
  },
});
