/**
 * `--page`: how smooth the studio's own page is while it trains. In: a browser, settings of a run. Out: readings of the production build, as the product's
 * server serves it, in three states: training; paused, as the baseline; and paused while as many programs as there are processors do
 * nothing but turn, which shows what a page loses to a busy machine whatever the page does itself.
 */
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import { chooseDevice } from "../scripts/chooseDevice.mjs";
import { serve } from "../scripts/serve.mjs";
import { DIST } from "../scripts/setup.mjs";
import { othersBusy, readLoad } from "./load.mjs";
import { traceMainThread } from "./mainThread.mjs";
import { clockEncoding, readEncodingClock, recordPage } from "./observers.mjs";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("@playwright/test").Worker} Worker */
/** @typedef {"training" | "paused" | "paused, processors busy"} State */
/** @typedef {import("./observers.mjs").PageReading & { mainThread: import("./mainThread.mjs").MainThread }} PageReading */
/**
 * @typedef {object} StateReading
 * @property {State} state
 * @property {PageReading} untouched
 * @property {PageReading} used While somebody presses buttons and keys.
 * @property {number} pressed How often, of the latter.
 * @property {number} encodeMs Of the training worker's thread, encoding and submitting, while the page was untouched.
 * @property {number} workerMs How long that was.
 * @property {number} heapBefore Of the page in bytes, after garbage collection.
 * @property {number} heapAfter
 * @property {number | null} othersBusy
 */

const RECORD_MS = 10_000;
/** Kernels are compiled, the first validation and sample made, submits cut to the device's pace. */
const WARM_UP_MS = 5000;
const REST_MS = 2000;
const PRESSING_MS = 8000;
const BETWEEN_PRESSES_MS = 400;
const LONGEST_STEP_MS = 300_000;
const MANY_STEPS = 100_000;

/** @param {number} ms */
const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One size.
 * @param {import("@playwright/test").Browser} browser
 * @param {Readonly<Record<string, string | number | boolean>>} settings
 * @param {"gpu" | "cpu"} device
 * @returns {Promise<StateReading[]>}
 */
export async function measureStudio(browser, settings, device) {
  const server = await serve(DIST, 0);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(LONGEST_STEP_MS);
    await chooseDevice(page, server.url, device);
    const link = Buffer.from(JSON.stringify({ ...settings, steps: MANY_STEPS }), "utf8").toString("base64url");
    await page.goto(`${server.url}#/train?set=${link}`);
    await page.waitForSelector("html[data-ready=true]");
    await control(page, "Train").click();
    await waitForStep(page, 3);
    const worker = page.workers().find((one) => one.url().includes("train.worker"));
    await worker?.evaluate(clockEncoding);
    await rest(WARM_UP_MS);
    const training = await readState(page, worker, "training");
    await control(page, "Pause").click();
    await control(page, "Resume").waitFor();
    await rest(REST_MS);
    const paused = await readState(page, worker, "paused");
    const busy = await whileBusy(() => readState(page, worker, "paused, processors busy"));
    return [training, paused, busy];
  } finally {
    await context.close();
    server.close();
  }
}

/** @param {Page} page @param {string} name */
const control = (page, name) => page.getByRole("group", { name: "Run control" }).getByRole("button", { name, exact: true });

/** @param {Page} page @param {number} wanted */
async function waitForStep(page, wanted) {
  await page.waitForFunction((step) => {
    const term = Array.from(document.querySelectorAll("dt")).find(({ textContent }) => textContent === "Step");
    return Number(term?.nextElementSibling?.textContent) >= step;
  }, wanted);
}

/** @param {Page} page @param {Worker | undefined} worker @param {State} state @returns {Promise<StateReading>} */
async function readState(page, worker, state) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const heapBefore = await readHeap(devtools);
  const loadBefore = readLoad();
  const before = await worker?.evaluate(readEncodingClock);
  const untouched = await traceMainThread(page, () => page.evaluate(recordPage, RECORD_MS));
  const after = await worker?.evaluate(readEncodingClock);
  const used = await traceMainThread(page, () => Promise.all([page.evaluate(recordPage, PRESSING_MS), pressButtons(page)]));
  const busy = othersBusy(loadBefore, readLoad());
  const heapAfter = await readHeap(devtools);
  await devtools.detach();
  const difference = (/** @type {"at" | "ms"} */ key) => (before && after ? after[key] - before[key] : NaN);
  const [usedReading, pressed] = used.result;
  return {
    state,
    untouched: { ...untouched.result, mainThread: untouched.mainThread },
    used: { ...usedReading, mainThread: used.mainThread },
    pressed, encodeMs: difference("ms"), workerMs: difference("at"), heapBefore, heapAfter, othersBusy: busy,
  };
}

/** @param {import("@playwright/test").CDPSession} devtools */
async function readHeap(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? NaN;
}

/** As a person might: a table opened and closed by mouse, a dialog by keys. Gives how often something was pressed. @param {Page} page */
async function pressButtons(page) {
  const toggle = page.getByRole("figure", { name: "Loss", exact: true }).getByRole("button", { name: "View as table" });
  const click = async () => {
    const box = await toggle.boundingBox();
    if (box) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  };
  const openByKey = async () => {
    await page.getByRole("main").focus();
    await page.keyboard.press("p");
  };
  const actions = [click, click, openByKey, () => page.keyboard.press("Escape")];
  let pressed = 0;
  // The last quarter stays free, so that what the last press shows is in the record.
  for (const end = performance.now() + 0.75 * PRESSING_MS; performance.now() < end || pressed % actions.length > 0; pressed += 1) {
    await rest(BETWEEN_PRESSES_MS);
    await actions[pressed % actions.length]?.();
  }
  return pressed;
}

/** @template T @param {() => Promise<T>} measure */
async function whileBusy(measure) {
  const programs = cpus().map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    await rest(REST_MS);
    return await measure();
  } finally {
    for (const program of programs) program.kill();
  }
}
