/**
 * `node bench/plain.mjs [--runs 3] [--dist dist]`: a newcomer with a browser that offers no GPU: headless Chromium without any flag (but
 * --no-sandbox, where the user is root). Opens the built page, presses Train as soon as it can be pressed, changes nothing. Out: seconds from
 * opening to a falling loss, and until the validation loss is below what knowing each token's frequency would give.
 */
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { findChromium } from "../scripts/chromium.mjs";
import { serve } from "../scripts/serve.mjs";
import { loadAverage } from "./load.mjs";

const { values } = parseArgs({ options: { runs: { type: "string", default: "3" }, dist: { type: "string", default: "dist" } } });
/** Falling: this much below the first loss that was shown, in nats. */
const FALLEN = 0.2;
const LONGEST_MS = 120_000;

/** Runs in the page before anything else: notes by the page's own clock, which starts when it is opened, what is shown when. */
function watch(/** @type {number} */ fallen) {
  /** @type {{ ready?: number, pressed?: number, shown?: number, falling?: number, unigram?: number, below?: number, first?: number, validation?: number }} */
  const seen = {};
  Object.assign(globalThis, { seen });
  document.addEventListener("pointerdown", () => (seen.pressed ??= performance.now()), true);
  const figureOf = (/** @type {string} */ name) => {
    const term = [...document.querySelectorAll('[aria-label="Run status"] dt')].find((one) => one.textContent === name);
    return Number.parseFloat(term?.parentElement?.querySelector("dd")?.textContent ?? "");
  };
  const look = () => {
    const now = performance.now();
    if (document.documentElement?.dataset["ready"] === "true") seen.ready ??= now;
    const rung = [...document.querySelectorAll("figure li")].find((item) => item.textContent?.includes("Frequencies"));
    const line = Number.parseFloat(rung?.querySelector("b")?.textContent ?? "");
    if (Number.isFinite(line)) seen.unigram = line;
    const [training, validation] = [figureOf("Training loss"), figureOf("Validation loss")];
    if (training > 0) {
      seen.first ??= training;
      seen.shown ??= now;
      if (training < seen.first - fallen) seen.falling ??= now;
    }
    if (seen.unigram !== undefined && validation < seen.unigram) {
      seen.below ??= now;
      seen.validation ??= validation;
    }
    if (seen.below === undefined) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** @param {string} url */
async function visit(url) {
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST_MS);
    await page.addInitScript(watch, FALLEN);
    await page.goto(url);
    await page.waitForSelector("html[data-ready=true]", { state: "attached" });
    await page.getByRole("group", { name: "Run control" }).getByRole("button", { name: "Train", exact: true }).click();
    await page.waitForFunction(() => /** @type {any} */ (globalThis).seen.below !== undefined);
    const status = await page.getByRole("contentinfo", { name: "Status" }).textContent();
    return { seen: await page.evaluate(() => /** @type {any} */ (globalThis).seen), status };
  } finally {
    await browser.close();
  }
}

const server = await serve(values.dist, 0);
const seconds = (/** @type {number} */ ms) => (ms / 1000).toFixed(1);
try {
  for (let run = 0; run < Number(values.runs); run += 1) {
    const { seen, status } = await visit(server.url);
    console.log(
      `usable ${seconds(seen.ready)} s, Train pressed ${seconds(seen.pressed)} s, first loss ${seconds(seen.shown)} s (${seen.first}), falling ${seconds(seen.falling)} s, ` +
        `validation below ${seen.unigram} (frequencies) ${seconds(seen.below)} s (${seen.validation}); load ${loadAverage().toFixed(1)}\n  ${status?.replaceAll(/\s+/g, " ").trim()}`,
    );
  }
} finally {
  server.close();
}
