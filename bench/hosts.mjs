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
import { addTorch } from "./torch.mjs";

/** @typedef {import("./result").BenchPage} BenchPage */
/**
 * @template T
 * @typedef {(bench: BenchPage, place: string, browser?: import("@playwright/test").Browser) => Promise<T>} Visit
 */

const PAGE = join(ROOT, "test-results/bench-page");
const NODE_BUNDLES = join(ROOT, "test-results/bench-node");
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
 * @param {Pick<import("./options.mjs").Options, "host" | "hasTorch">} options
 * @param {Visit<T>} visit
 */
export async function withHost({ host, hasTorch }, visit) {
  if (host === "node" || hasTorch) await build("node.vite.config.ts");
  /** @type {Visit<T>} */
  const visitAll = async (bench, ...place) => {
    if (!hasTorch) return visit(bench, ...place);
    const { writeProblem } = /** @type {{ writeProblem: import("./result").WriteProblem }} */ (await importBundle("problemFiles"));
    return visit(addTorch(bench, writeProblem, host === "node" ? "any" : "cpu"), ...place);
  };
  return host === "node" ? withNode(visitAll) : withChromium(host === "chromium" ? CHROMIUM_FLAGS : NO_WEBGPU_FLAGS, visitAll);
}

/** @param {string} name @returns {Promise<unknown>} */
const importBundle = (name) => import(pathToFileURL(join(NODE_BUNDLES, `${name}.mjs`)).href);

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
  const { openNodeBench } = /** @type {{ openNodeBench: () => BenchPage }} */ (await importBundle("node"));
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
