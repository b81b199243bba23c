/**
 * The libraries that Descent is compared with stay in this folder. The product's bundle is what `index.html` reaches through
 * `src` and through packages that are no development dependencies; neither may lead to a peer or to the benchmark.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PEERS = ["@jax-js/jax", "@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu"];

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly dependencies?: Readonly<Record<string, string>> }>>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), "utf8")) as T;

/** Sources of the product that mention any of the texts. */
function filesNaming(texts: readonly string[]): string[] {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((path) => /\.(tsx?|css|html)$/.test(path));
  return files.filter((path) => {
    const source = readFileSync(join(ROOT, "src", path), "utf8");
    return texts.some((text) => source.includes(text));
  });
}

test("no source of the product names a peer or the benchmark's folder", () => {
  expect(filesNaming([...PEERS, "@tensorflow/", "/bench/"])).toEqual([]);
  // The search does find what is there.
  expect(filesNaming(['from "zod"']).length).toBeGreaterThan(0);
});

test("no package of the product brings a peer along", () => {
  const { packages } = readJson<LockFile>("package-lock.json");
  for (const peer of PEERS) expect(packages[`node_modules/${peer}`]?.dev, peer).toBe(true);
  expect(Object.keys(packages[""]?.dependencies ?? {}).filter((name) => PEERS.includes(name))).toEqual([]);
  expect(packages["node_modules/zod"]?.dev).toBeUndefined();
});
