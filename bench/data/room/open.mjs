/**
 * The production build, opened on its Data room as on a first visit, in a profile of its own on the disk: in a private window the
 * browser keeps the file system in memory, which would measure something else. In: what to do there. Out: its result, the browser gone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { chooseDevice } from "../../../scripts/chooseDevice.mjs";
import { CHROMIUM_FLAGS, findChromium, NO_WEBGPU_FLAGS } from "../../../scripts/chromium.mjs";
import { serve } from "../../../scripts/serve.mjs";
import { DIST } from "../../../scripts/setup.mjs";
import { lookAt, lookAtReport, noteInputs } from "./watch.mjs";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {{ device: "gpu" | "cpu", cpuThreads?: "all" | "all-but-one" | "half", hash?: string }} Visit */

const LONGEST_MS = 600_000;
/** On a first visit the studio uses an idle moment to measure its kernels, once for all later visits. */
const SETTLE_MS = 5000;

/** @template T @param {Visit} visit @param {(page: Page) => Promise<T>} act @returns {Promise<T>} */
export async function visitRoom({ device, cpuThreads, hash = "#/data" }, act) {
  const profile = mkdtempSync(join(tmpdir(), "descent-room-"));
  const server = await serve(DIST, 0);
  const executablePath = findChromium();
  const context = await chromium.launchPersistentContext(profile, {
    ...(executablePath ? { executablePath } : {}),
    args: device === "gpu" ? CHROMIUM_FLAGS : NO_WEBGPU_FLAGS,
    // So that there is a scroll bar to drag.
    ignoreDefaultArgs: ["--hide-scrollbars"],
    viewport: { width: 1440, height: 900 },
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(LONGEST_MS);
    await chooseDevice(page, server.url, device, cpuThreads ? { cpuThreads } : {});
    await page.addInitScript(noteInputs);
    await page.goto(`${server.url}${hash}`);
    await page.waitForSelector("html[data-ready=true]", { state: "attached" });
    await rest(SETTLE_MS);
    return await act(page);
  } finally {
    await context.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** @param {number} ms @returns {Promise<void>} */
export const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Page} page @param {string} path */
export const chooseFile = (page, path) => page.getByLabel("Add files").setInputFiles(path);

/** @param {Page} page @returns {Promise<{ chosen: number, pressed: number }>} */
export const readInputs = (page) => page.evaluate(() => /** @type {any} */ (globalThis).inputs);

/** Waits, frame by frame, and tells when it was. @param {Page} page @param {string} selector @param {string} pattern */
export async function seeText(page, selector, pattern) {
  const handle = await page.waitForFunction(lookAt, { selector, pattern }, { polling: "raf" });
  return /** @type {import("./watch.mjs").Seen} */ (await handle.jsonValue());
}

/** The same in the newest entry of the import report, whose text begins with the file's name. @param {Page} page @param {string} pattern */
export async function seeReport(page, pattern) {
  const handle = await page.waitForFunction(lookAtReport, pattern, { polling: "raf" });
  const seen = /** @type {import("./watch.mjs").Seen} */ (await handle.jsonValue());
  if (seen.problem) throw new Error(`The import failed: ${seen.problem}`);
  return seen;
}

/** Brings a file in and tells how long each part took. @param {Page} page @param {string} path @param {string} name Of the file, as a pattern. */
export async function addFile(page, path, name) {
  const rows = seeReport(page, `^${name}.*(\\d rows|Added)`);
  const added = seeReport(page, `^${name}.*Added`);
  await chooseFile(page, path);
  const [first, last] = await Promise.all([rows, added]);
  const { chosen } = await readInputs(page);
  return { firstMs: first.at - chosen, addedMs: last.at - chosen, text: last.text };
}
