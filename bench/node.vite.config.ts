/** Bundles Descent, and what writes a problem as files, for the benchmark in Node; packages stay where they are. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: place("."),
  publicDir: false,
  build: {
    target: "node20",
    ssr: true,
    outDir: place("../test-results/bench-node"),
    emptyOutDir: true,
    rolldownOptions: {
      input: { node: place("node.ts"), problemFiles: place("problemFiles.ts") },
      output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
    },
  },
});
