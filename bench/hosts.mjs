/**
 * Where contenders run: the benchmark's page in the installed Chromium, or Node. In: what to do with a place that answers questions
 * (`BenchPage`). Out: what that gave; the browser and the server are closed whatever happens.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { CHROMIUM_FLAGS, NO_WEBGPU_FLAGS, ensureChromium, findChromium } from "../scripts/chromium.mjs";
import { DEV_HEADERS } from "../scripts/headers.mjs";
import { Problem } from "../scripts/problem.mjs";
import { ROOT, runTool } from "../scripts/process.mjs";
import { serve } from "../scripts/serve.mjs";

/** @typedef {import("./result").BenchPage} BenchPage */
/** @typedef {import("./result").NodeBench} NodeBench */
/**
 * @template T
 * @typedef {(bench: BenchPage, place: string, browser?: import("@playwright/test").Browser) => Promise<T>} Visit
 */

const PAGE = join(ROOT, "test-results/bench-page");
const NODE_BUNDLE = join(ROOT, "test-results/bench-node/node.mjs");
/** A step of TensorFlow.js at L takes minutes where the processor stands in for a GPU. */
const LONGEST_MS = 60 * 60 * 1000;

/** @param {string} config */
async function build(config) {
  const { code, output } = await runTool("vite", ["build", "--config", `bench/${config}`, "--logLevel", "warn"], { capture: true });
  if (code === 0) return;
  console.error(output.trim());
  throw new Problem("The benchmark could not be built; the cause is above.", "Undo or fix the change named there, then run the command again.");
}

/**
 * @template T
 * @param {import("./options.mjs").Options["host"]} host
 * @param {Visit<T>} visit
 */
export function withHost(host, visit) {
  return host === "node" ? withNode(visit) : withChromium(host === "chromium" ? CHROMIUM_FLAGS : NO_WEBGPU_FLAGS, visit);
}

/**
 * @template T
 * @param {readonly string[]} flags
 * @param {Visit<T>} visit
 */
async function withChromium(flags, visit) {
  await ensureChromium();
  await build("vite.config.ts");
  const server = await serve(PAGE, 0, DEV_HEADERS);
  const { chromium } = await import("@playwright/test");
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...flags] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST_MS);
    await page.goto(server.url);
    await page.waitForFunction(() => "bench" in globalThis);
    return await visit(throughPage(page), `Chromium ${browser.version()}`, browser);
  } finally {
    await browser.close();
    server.close();
  }
}

/** The page's `bench`, method by method. @param {import("@playwright/test").Page} page @returns {BenchPage} */
function throughPage(page) {
  /** @param {keyof BenchPage} method */
  const method = (method) => (/** @type {unknown[]} */ ...words) =>
    page.evaluate(
      ([name, list]) => {
        const { bench } = /** @type {{ bench: Record<string, (...list: unknown[]) => unknown> }} */ (/** @type {unknown} */ (globalThis));
        return /** @type {never} */ (bench[name]?.(...list));
      },
      /** @type {[string, unknown[]]} */ ([method, words]),
    );
  return { describe: method("describe"), prepare: method("prepare"), start: method("start"), ask: method("ask"), stop: method("stop") };
}

/**
 * @template T
 * @param {Visit<T>} visit
 */
async function withNode(visit) {
  const drivers = process.env["VK_DRIVER_FILES"];
  if (drivers && !existsSync(drivers.split(":")[0] ?? "")) {
    throw new Problem(`VK_DRIVER_FILES is "${drivers}", where there is no file.`, "Name a Vulkan driver's .json file, or unset it.");
  }
  await build("node.vite.config.ts");
  const { openNodeBench } = /** @type {{ openNodeBench: () => NodeBench }} */ (await import(pathToFileURL(NODE_BUNDLE).href));
  const bench = openNodeBench();
  await bench.describe("descent").catch((/** @type {Error} */ error) => {
    throw new Problem(
      `Dawn could not open a GPU: ${error.message}`,
      "Install the Vulkan loader and a driver (Debian: libvulkan1). Chromium brings both for its software adapter; there it is " +
        "LD_LIBRARY_PATH=/usr/lib/chromium VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json npm run bench -- --node.",
    );
  });
  return visit(bench, `Node ${process.versions.node}`);
}
