/**
 * `node bench/data/cleaning.mjs [--rows 100000] [--characters 300] [--steps whitespace,unicode]`: cleaning steps with their default settings over made texts, a fifth of
 * which hold what steps look for. Out: processor seconds (a busy machine does not lengthen them) of white space and Unicode together, then of each step that reads one row at a time, with the rows it
 * changed and dropped.
 */
import { parseArgs } from "node:util";
import { loadAverage } from "../load.mjs";
import { bundle, makeTexts } from "./bundle.mjs";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" }, characters: { type: "string", default: "300" }, steps: { type: "string" } } });
const rows = Number(values.rows);
const { runRecipe } = await bundle("src/data/cleaning/recipe.ts");
const { cleaningSteps } = await bundle("src/data/cleaning/index.ts");
const { memoryTable, column } = await bundle("src/data/table/table.ts");

const FINDS = ["  two  spaces ", "cafe\u0301 ", "itâ€™s ", "<b>bold</b> &amp; ", "https://example.org/a ", "me@example.org ", "call +49 30 901820 ", "192.0.2.1 and 8.8.8.8 ", "sh1t ", "“quoted” "];
const { texts, random } = makeTexts(rows, Math.ceil(Number(values.characters) / 6));
const table = memoryTable([column("text", { role: "text" })], texts.map((/** @type {string} */ text) => {
  if (random() > 0.2) return [text];
  const at = text.indexOf(" ", Math.floor(random() * text.length)) + 1;
  return [text.slice(0, at) + FINDS[Math.floor(random() * FINDS.length)] + text.slice(at)];
}));

/** @param {readonly string[]} ids */
async function clean(ids) {
  const recipe = ids.map((id) => ({ key: id, step: id, columns: [], settings: id === "find-replace" ? { find: "[0-9]+", mode: "regex", replacement: "0" } : {}, on: true }));
  const begun = process.cpuUsage();
  const cleaned = await runRecipe(table, recipe, { breathe: () => undefined });
  const batches = cleaned.batches();
  while (!(await batches.next()).done);
  const { user, system } = process.cpuUsage(begun);
  const [changed, dropped] = ["changed", "dropped"].map((what) => cleaned.counts().steps.map((/** @type {Record<string, number>} */ step) => step[what]).join(" + "));
  return { seconds: (user + system) / 1e6, changed, dropped };
}

const perRow = cleaningSteps.filter((/** @type {{ group: string, defaultColumns: string }} */ step) => step.defaultColumns === "text" && ["Text", "Personal data", "Quality"].includes(step.group));
const wanted = values.steps ? values.steps.split(",") : perRow.map((/** @type {{ id: string }} */ step) => step.id);
await clean(["whitespace", "unicode"]);
for (const ids of [...(values.steps ? [] : [["whitespace", "unicode"]]), ...wanted.map((/** @type {string} */ id) => [id])]) {
  const { seconds, changed, dropped } = await clean(ids);
  console.log(`${ids.join(" + ").padEnd(22)} ${seconds.toFixed(2).padStart(7)} s  changed ${changed}, dropped ${dropped}`);
}
const characters = table.rows === 0 ? 0 : texts.reduce((/** @type {number} */ sum, /** @type {string} */ text) => sum + text.length, 0) / rows;
console.log(`${rows} rows of ${characters.toFixed(0)} characters; ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB; load average ${loadAverage().toFixed(1)}`);
