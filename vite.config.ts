/** The production build and the dev server. Nothing inline reaches `dist`: the content policy allows files of this origin only. */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { DEV_HEADERS } from "./scripts/headers.mjs";
import { sampleCorpora } from "./src/data/corpora.vite.ts";

export default defineConfig({
  plugins: [react(), sampleCorpora()],
  build: {
    target: "esnext",
    // A data: URL in a style sheet or script would be blocked or would weaken the policy; every asset stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  worker: { format: "es" },
  // It finds its .wasm beside itself, which is not where a pre-bundled copy lies.
  optimizeDeps: { exclude: ["@sqlite.org/sqlite-wasm"] },
  server: { headers: DEV_HEADERS },
});
