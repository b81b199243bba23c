/** The grid at a million rows: the wheel, the scroll bar dragged to random places, the end. In: a folder, a size. Out: figures. */
import { traceMainThread } from "../../mainThread.mjs";
import { summarize } from "../../table.mjs";
import { makeTexts } from "../bundle.mjs";
import { figure, taskFigures } from "./figures.mjs";
import { writeNarrowCsv } from "./inputs.mjs";
import { addFile, rest, seeText, visitRoom } from "./open.mjs";
import { beginGridReading, endGridReading } from "./watch.mjs";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./watch.mjs").GridReading} GridReading */

const WHEEL_PX = 120;
const FRAME_MS = 16;
/** Between two places: what is fetched for one must not be in the time of the next. */
const STAY_MS = 700;

/** @param {string} folder @param {{ rows: number, wheelMs: number, places: number }} size */
export function measureGrid(folder, { rows, wheelMs, places }) {
  const path = writeNarrowCsv(folder, rows);
  const what = `Grid, ${rows.toLocaleString("en")} rows`;
  return visitRoom({ device: "cpu" }, async (page) => {
    const { addedMs } = await addFile(page, path, "narrow\\.csv");
    await seeText(page, '[role="grid"] [role="gridcell"]', "^1$");
    await rest(STAY_MS);
    const wheel = await traceMainThread(page, () => readGrid(page, "scroll", () => turnWheel(page, wheelMs)));
    await pressKeys(page, ["Control+Home"]);
    const drag = await traceMainThread(page, () => readGrid(page, "scroll", () => dragBar(page, places)));
    await pressKeys(page, ["Control+Home"]);
    const keys = await readGrid(page, "key", () => pressKeys(page, ["Control+End", "Control+Home", "Control+End"]));
    await seeText(page, '[role="grid"] [role="gridcell"]', `^${rows.toLocaleString("en")}$|^${rows}$`);
    return [
      figure(`${what}: imported`, addedMs / 1000, "s"),
      ...frameFigures(`${what}, wheel`, wheel.result),
      ...taskFigures(`${what}, wheel`, wheel.mainThread),
      ...frameFigures(`${what}, bar dragged`, drag.result),
      ...leapFigures(`${what}, bar dragged`, drag.result),
      ...taskFigures(`${what}, bar dragged`, drag.mainThread),
      ...leapFigures(`${what}, Ctrl with End and Home`, keys),
    ];
  });
}

/** @param {Page} page @param {"scroll" | "key"} from @param {() => Promise<void>} act */
async function readGrid(page, from, act) {
  await page.evaluate(beginGridReading, from);
  await act();
  return page.evaluate(endGridReading);
}

/** @param {string} what @param {GridReading} reading */
function frameFigures(what, { frames, blank, travelled }) {
  const sorted = [...frames].sort((a, b) => a - b);
  const total = frames.reduce((sum, ms) => sum + ms, 0);
  return [
    figure(`${what}: frames a second`, (1000 * frames.length) / total, "1/s", { note: `the bar went ${Math.round(travelled).toLocaleString("en")} px` }),
    figure(`${what}: 95% of frames within`, sorted[Math.ceil(0.95 * sorted.length) - 1] ?? NaN, "ms", { note: `longest ${(sorted.at(-1) ?? NaN).toFixed(0)} ms` }),
    figure(`${what}: frames with a cell still on its way`, (100 * blank) / frames.length, "%"),
  ];
}

/** @param {string} what @param {GridReading} reading */
function leapFigures(what, { leaps }) {
  const { median, max } = summarize(leaps);
  return [figure(`${what}: from the leap to all rows of the place`, median, "ms", { note: `${leaps.length} leaps, longest ${max.toFixed(0)} ms` })];
}

/** @param {Page} page */
async function boxOfGrid(page) {
  const box = await page.getByRole("grid").boundingBox();
  if (!box) throw new Error("The grid is not in sight.");
  return box;
}

/** @param {Page} page @param {number} ms */
async function turnWheel(page, ms) {
  const { x, y, width, height } = await boxOfGrid(page);
  await page.mouse.move(x + width / 2, y + height / 2);
  for (const end = performance.now() + ms; performance.now() < end; ) {
    await page.mouse.wheel(0, WHEEL_PX);
    await rest(FRAME_MS);
  }
}

/** By mouse, on the bar itself. @param {Page} page @param {number} places */
async function dragBar(page, places) {
  const grid = page.getByRole("grid");
  const { x, y, width, height } = await boxOfGrid(page);
  const bar = await grid.evaluate((element) => element.getBoundingClientRect().width - element.clientWidth);
  const { random } = makeTexts(0, 0, 7);
  await page.mouse.move(x + width - bar / 2, y + 20);
  await page.mouse.down();
  for (let place = 0; place < places; place += 1) {
    await page.mouse.move(x + width - bar / 2, y + 30 + random() * (height - 60));
    await rest(STAY_MS);
  }
  await page.mouse.up();
  await rest(STAY_MS);
  if ((await grid.evaluate((element) => element.scrollTop)) === 0) throw new Error("The scroll bar was not caught.");
}

/** @param {Page} page @param {readonly string[]} keys */
async function pressKeys(page, keys) {
  await page.getByRole("grid").focus();
  for (const key of keys) {
    await page.keyboard.press(key);
    await rest(STAY_MS);
  }
}
