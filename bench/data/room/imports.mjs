/** Bringing data in: a table of 50 MB, a text of a gigabyte. In: a folder for the files, sizes. Out: figures. */
import { statSync } from "node:fs";
import { traceMainThread } from "../../mainThread.mjs";
import { figure, megabytes, taskFigures } from "./figures.mjs";
import { watchHeaps } from "./heaps.mjs";
import { writeCsv, writeFewRows, writeText } from "./inputs.mjs";
import { addFile, chooseFile, readInputs, rest, seeReport, visitRoom } from "./open.mjs";
import { lookAtPreview } from "./watch.mjs";

/** @typedef {import("@playwright/test").Page} Page */

/** @param {Record<"page" | "data worker", import("./heaps.mjs").Peak>} peaks @param {string} what @param {{ target?: string }} [more] */
const heapFigures = (peaks, what, more = {}) => [
  figure(`${what}: heap of the data worker at most`, megabytes(peaks["data worker"].heap), "MB", { ...more, note: `array buffers beside it ${megabytes(peaks["data worker"].buffers).toFixed(0)} MB` }),
  figure(`${what}: heap of the page at most`, megabytes(peaks.page.heap), "MB"),
];

/** @param {string} folder @param {{ rows: number }} size */
export function measureCsv(folder, { rows }) {
  const path = writeCsv(folder, rows);
  const what = `CSV, ${rows.toLocaleString("en")} rows, ${megabytes(statSync(path).size).toFixed(0)} MB`;
  return visitRoom({ device: "cpu" }, async (page) => {
    const previewMs = await timePreview(page, path);
    const { result, peaks } = await watchHeaps(page, () => traceMainThread(page, () => addFile(page, path, "rows\\.csv")));
    const { firstMs, addedMs } = result.result;
    return [
      figure(`${what}: first rows in the preview`, previewMs, "ms", { target: "≤ 300" }),
      figure(`${what}: first rows in the report`, firstMs, "ms", { target: "≤ 300" }),
      figure(`${what}: added`, addedMs / 1000, "s", { target: "≤ 4" }),
      ...heapFigures(peaks, what),
      ...taskFigures(what, result.mainThread),
    ];
  });
}

/** From the choice of the file to rows in the preview, which is then called off. @param {Page} page @param {string} path */
async function timePreview(page, path) {
  const wish = page.getByRole("checkbox", { name: "Preview before adding" });
  await wish.check();
  const shown = page.waitForFunction(lookAtPreview, undefined, { polling: "raf" });
  await chooseFile(page, path);
  const seen = /** @type {import("./watch.mjs").Seen} */ (await (await shown).jsonValue());
  const { chosen } = await readInputs(page);
  await page.getByRole("dialog").getByRole("button", { name: "Cancel", exact: true }).click();
  await wish.uncheck();
  return seen.at - chosen;
}

/** @param {string} folder @param {{ bytes: number }} size */
export async function measureText(folder, { bytes }) {
  const path = writeText(folder, bytes);
  const few = writeFewRows(folder);
  const size = statSync(path).size;
  const what = `Text, ${megabytes(size).toFixed(0)} MB`;
  const whole = await visitRoom({ device: "cpu" }, async (page) => {
    const { result, peaks } = await watchHeaps(page, () => traceMainThread(page, () => addFile(page, path, "document\\.txt")));
    const { addedMs } = result.result;
    return [
      figure(`${what}: added`, addedMs / 1000, "s"),
      figure(`${what}: rate`, megabytes(size) / (addedMs / 1000), "MB/s"),
      ...heapFigures(peaks, what, { target: "< 300" }),
      ...taskFigures(what, result.mainThread),
    ];
  });
  return [...whole, ...(await visitRoom({ device: "cpu" }, (page) => cancelAtHalf(page, { path, few, what })))];
}

/**
 * Until the page says so, and until the worker is free again: a small file chosen right after it is read in its turn.
 * @param {Page} page
 * @param {{ path: string, few: string, what: string }} files
 */
async function cancelAtHalf(page, { path, few, what }) {
  const usage = () => page.evaluate(async () => (await navigator.storage.estimate()).usage ?? NaN);
  const before = await usage();
  await chooseFile(page, path);
  await page.waitForFunction(() => {
    const bar = document.querySelector('[aria-label="Import report"] progress');
    return bar instanceof HTMLProgressElement && bar.max > 1 && bar.value > bar.max / 2;
  }, undefined, { polling: "raf" });
  const said = seeReport(page, "^document.*Canceled");
  await page.getByRole("region", { name: "Import report" }).getByRole("button", { name: "Cancel" }).click();
  const { at } = await said;
  const { pressed } = await readInputs(page);
  const { addedMs } = await addFile(page, few, "few\\.csv");
  await rest(2000);
  return [
    figure(`${what}: said to be canceled at half`, at - pressed, "ms"),
    figure(`${what}: canceled at half, a small file right after it added`, addedMs, "ms"),
    figure(`${what}: left on the disk by what was canceled`, megabytes((await usage()) - before), "MB"),
  ];
}
