/**
 * Part of the data floor as the product ships it, for a benchmark in Node. In: a module under `src/data`. Out: its exports, bundled by Vite as for
 * the worker (a loader for development would keep calls between modules from being inlined).
 */
import { basename } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** @param {string} path Of the module, from the root of the repository. */
export async function bundle(path) {
  const name = basename(path).replace(/\.ts$/, "");
  const outDir = `${ROOT}/test-results/bench-data/${name}`;
  await build({
    root: ROOT, configFile: false, logLevel: "error", publicDir: false,
    build: { ssr: true, target: "node20", outDir, emptyOutDir: true, rolldownOptions: { input: `${ROOT}/${path}`, output: { entryFileNames: `${name}.mjs` } } },
  });
  return import(pathToFileURL(`${outDir}/${name}.mjs`).href);
}

/** Texts of `words` words each, drawn from a vocabulary of 20,000 by Zipf's law. @param {number} count @param {number} words @param {number} seed */
export function makeTexts(count, words, seed = 1) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x9e3779b9) >>> 0;
    let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  };
  const letters = "etaoinshrdlucmfwypvbgkjqxz";
  const vocabulary = Array.from({ length: 20_000 }, () => Array.from({ length: 2 + Math.floor(7 * random()) }, () => letters[Math.floor(26 * random() ** 2)]).join(""));
  // exp(u · ln V) has the density 1/x: Zipf's law with exponent 1.
  const word = () => vocabulary[Math.floor(Math.exp(random() * Math.log(vocabulary.length)))];
  return { random, texts: Array.from({ length: count }, () => Array.from({ length: words }, word).join(" ")) };
}
