/** What is looked for in rows that are already there: searches, near-duplicates, a tokenizer's merges. In: a folder, sizes. Out: figures. */
import { traceMainThread } from "../../mainThread.mjs";
import { summarize } from "../../table.mjs";
import { figure, taskFigures } from "./figures.mjs";
import { writeAddresses, writeNearTexts, writeTexts } from "./inputs.mjs";
import { addFile, readInputs, seeText, visitRoom } from "./open.mjs";

/** @typedef {import("@playwright/test").Page} Page */

/** The first reads the columns from the disk, which are then in memory. */
const PLAIN = ["jo@", "refund", "order 17", "REFUND of", "example.com"];
const REGEX = ["order \\d+", "\\d{2}", "[a-z]+@[a-z]+\\.com", "refund|order", "^(a+)+$"];

/** @param {string} folder @param {{ rows: number }} size */
export function measureFilter(folder, { rows }) {
  const path = writeTexts(folder, rows, 30);
  const what = `Search, ${rows.toLocaleString("en")} rows of 30 words`;
  return visitRoom({ device: "cpu" }, async (page) => {
    await addFile(page, path, "texts\\.csv");
    await seeText(page, '[role="grid"] [role="gridcell"]', "^0$");
    const { result, mainThread } = await traceMainThread(page, async () => {
      const [first, ...plain] = await searchAll(page, PLAIN);
      await page.getByRole("button", { name: "Regular expression" }).click();
      return { first, plain, regex: await searchAll(page, REGEX) };
    });
    return [
      figure(`${what}: first, at once after the import`, result.first?.shownMs ?? NaN, "ms", { note: "read from the disk; as the page shows it" }),
      ...searchFigures(`${what}, plain`, result.plain),
      ...searchFigures(`${what}, regular expression`, result.regex),
      ...taskFigures(what, mainThread),
    ];
  });
}

/** @typedef {{ query: string, shownMs: number, paintedMs: number }} Search */

/** @param {string} what @param {readonly Search[]} searches */
function searchFigures(what, searches) {
  const each = (/** @type {"shownMs" | "paintedMs"} */ key) => searches.map((one) => `${one.query} ${one[key].toFixed(0)}`).join(", ");
  return [
    figure(`${what}: as the page shows it`, summarize(searches.map(({ shownMs }) => shownMs)).median, "ms", { target: "≤ 100", note: each("shownMs") }),
    figure(`${what}: from Enter to the count`, summarize(searches.map(({ paintedMs }) => paintedMs)).median, "ms", { target: "≤ 100", note: each("paintedMs") }),
  ];
}

/** @param {Page} page @param {readonly string[]} queries @returns {Promise<Search[]>} */
async function searchAll(page, queries) {
  const box = page.getByRole("searchbox", { name: "Search rows" });
  /** @type {Search[]} */
  const searches = [];
  for (const query of queries) {
    await box.fill("");
    await page.keyboard.press("Enter");
    await seeText(page, '[role="status"]', "^[\\d,]+ rows$");
    await box.fill(query);
    await page.keyboard.press("Enter");
    const { at, text } = await seeText(page, '[role="status"]', " of [\\d,]+ rows · ");
    const { pressed } = await readInputs(page);
    searches.push({ query, shownMs: Number(/([\d,]+) ms/.exec(text)?.[1]?.replaceAll(",", "")), paintedMs: at - pressed });
  }
  return searches;
}

/** @param {string} folder @param {{ rows: number, bytes: number }} size */
export function measureDuplicates(folder, { rows, bytes }) {
  const near = writeNearTexts(folder, rows, 50);
  const text = writeAddresses(folder, bytes);
  return visitRoom({ device: "cpu" }, async (page) => {
    await addFile(page, near, "near\\.csv");
    await seeText(page, '[role="grid"] [role="gridcell"]', "^0$");
    await page.getByRole("tab", { name: "Columns" }).click();
    const part = page.getByRole("region", { name: "Duplicates" });
    const { result, mainThread } = await traceMainThread(page, async () => {
      await part.getByRole("button", { name: "Count", exact: true }).click();
      const seen = await seeText(page, '[aria-label="Duplicates"]', "Nearly the same");
      return { ms: seen.at - (await readInputs(page)).pressed, found: /Nearly the same: ([^.]*)\./.exec(seen.text)?.[1] ?? "" };
    });
    const what = `Near-duplicates, ${rows.toLocaleString("en")} rows of 50 words`;
    return [figure(what, result.ms / 1000, "s", { target: "≤ 5", note: result.found }), ...taskFigures(what, mainThread), ...(await learnPairs(page, text, bytes))];
  });
}

/** @param {Page} page @param {string} path @param {number} bytes */
async function learnPairs(page, path, bytes) {
  await addFile(page, path, "addresses\\.txt");
  await page.getByRole("tab", { name: "Tokenizers" }).click();
  const form = page.getByRole("region", { name: "Train a tokenizer" });
  const kind = form.getByLabel("Kind");
  await kind.selectOption({ label: (await kind.locator("option").allTextContents()).find((label) => /byte pair|BPE/i.test(label)) ?? "" });
  await form.getByLabel(/vocabulary/i).first().fill("4096");
  for (const chosen of await form.locator("fieldset").getByRole("checkbox", { checked: true }).all()) await chosen.uncheck();
  await form.getByRole("checkbox", { name: /addresses/ }).check();
  const { result, mainThread } = await traceMainThread(page, async () => {
    await form.getByRole("button", { name: "Train tokenizer" }).click();
    const { pressed } = await readInputs(page);
    return (await seeText(page, '[aria-label="Tokenizers"] li', ".")).at - pressed;
  });
  const what = `Byte pairs, ${(bytes / 1e6).toFixed(0)} MB to 4,096 tokens`;
  return [figure(what, result / 1000, "s", { target: "≤ 10", note: "State of the Union" }), ...taskFigures(what, mainThread)];
}
