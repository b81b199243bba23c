/**
 * `node bench/start.mjs [--sizes xs,m] [--rest 0,10] [--runs 3] [--device gpu] [--dist dist,../other/dist]`: what a person waits for in the built page: until
 * it can be used, and from a press on Train, so many seconds after that, to the first finished step. Each visit is a fresh profile,
 * so nothing is compiled or tuned; builds take turns. Out: milliseconds, and when each kind of progress was shown first.
 */
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { chooseDevice } from "../scripts/chooseDevice.mjs";
import { CHROMIUM_FLAGS, findChromium } from "../scripts/chromium.mjs";
import { serve } from "../scripts/serve.mjs";
import { loadAverage } from "./load.mjs";

const SIZES = {
  xs: { layers: 1, heads: 2, width: 32, contextLength: 32, batchSize: 4 },
  s: { layers: 2, heads: 2, width: 64, contextLength: 64, batchSize: 8 },
  m: { layers: 4, heads: 4, width: 128, contextLength: 128, batchSize: 8 },
};
const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "xs,m" }, rest: { type: "string", default: "0,10" }, runs: { type: "string", default: "3" },
    device: { type: "string", default: "gpu" }, dist: { type: "string", default: "dist" },
  },
});

/** Runs in the page before anything else: notes when it is ready, when Train is pressed, what is shown until the first step. */
function watch() {
  /** @type {{ ready?: number, pressed?: number, first?: number, progress: Record<string, number> }} */
  const seen = { progress: {} };
  Object.assign(globalThis, { seen });
  document.addEventListener("pointerdown", () => (seen.pressed ??= performance.now()), true);
  const look = () => {
    if (document.documentElement?.dataset["ready"] === "true") seen.ready ??= performance.now();
    if (seen.pressed !== undefined) {
      const terms = [...document.querySelectorAll('[aria-label="Run status"] dt')];
      const step = terms.find((term) => term.textContent === "Step")?.parentElement?.querySelector("dd")?.textContent;
      const text = document.querySelector('[aria-label="Progress of the run"]')?.parentElement?.textContent ?? "";
      const kind = /^[A-Za-z ]+/.exec(text)?.[0].trim();
      if (kind) seen.progress[kind] ??= Math.round(performance.now() - seen.pressed);
      if (Number(step) >= 1) seen.first ??= performance.now();
    }
    if (seen.first === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** @param {string} url @param {keyof typeof SIZES} size @param {number} restSeconds */
async function visit(url, size, restSeconds) {
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(180_000);
    await chooseDevice(page, url, /** @type {"gpu" | "cpu" | "automatic"} */ (values.device));
    await page.addInitScript(watch);
    const settings = { dataset: "moby-dick", validationEvery: 1000, steps: 5000, ...SIZES[size] };
    await page.goto(`${url}#/train?set=${Buffer.from(JSON.stringify(settings)).toString("base64url")}`);
    await page.waitForSelector("html[data-ready=true]", { state: "attached" });
    await page.waitForTimeout(1000 * restSeconds);
    await page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Train", exact: true }).click();
    await page.waitForFunction(() => /** @type {any} */ (globalThis).seen.first !== undefined);
    const { ready, pressed, first, progress } = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
    return { ready: Math.round(ready), first: Math.round(first - pressed), progress };
  } finally {
    await browser.close();
  }
}

const builds = values.dist.split(",");
const servers = await Promise.all(builds.map((folder) => serve(folder, 0)));
try {
  for (const size of /** @type {(keyof typeof SIZES)[]} */ (values.sizes.split(","))) {
    for (const rest of values.rest.split(",").map(Number)) {
      for (let run = 0; run < Number(values.runs); run += 1) {
        for (const [index, { url }] of servers.entries()) {
          const { ready, first, progress } = await visit(url, size, rest);
          const shown = Object.entries(progress).map(([kind, at]) => `${kind} ${at}`).join(", ");
          console.log(`${size.toUpperCase()}, Train after ${rest} s, ${builds[index]}: usable ${ready} ms, first step ${first} ms (${shown}); load ${loadAverage().toFixed(1)}`);
        }
      }
    }
  }
} finally {
  for (const server of servers) server.close();
}
