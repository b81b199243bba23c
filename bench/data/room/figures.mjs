/** What the benchmark of the Data room says. In: the figures of each run. Out: one line a figure: median, least and most of the runs, and the target where the product has one. */
import { markdown, short, summarize } from "../../table.mjs";

/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {number} value
 * @property {string} unit
 * @property {string} [target] As the product promises it: "≤ 300".
 * @property {string} [note]
 */

/** @param {string} name @param {number} value @param {string} unit @param {{ target?: string, note?: string }} [more] @returns {Figure} */
export const figure = (name, value, unit, more = {}) => ({ name, value, unit, ...more });

/** Bytes in the megabytes that the page shows. @param {number} bytes */
export const megabytes = (bytes) => bytes / 1e6;

/**
 * What the page's main thread did meanwhile: by the clock, and for how long it really ran; on a busy machine the first says little.
 * @param {string} name
 * @param {import("../../mainThread.mjs").MainThread} mainThread
 * @returns {Figure[]}
 */
export const taskFigures = (name, { longest, longestOwn, longTasks }) => [
  figure(`${name}: longest task of the page, by the clock`, longest, "ms", { note: `${longTasks} over 50 ms` }),
  figure(`${name}: longest task of the page, of the processor`, longestOwn, "ms", { target: "≤ 50" }),
];

/** @param {readonly Figure[]} figures Of all runs, each run in the same order. @param {"markdown" | "lines"} form */
export function showFigures(figures, form) {
  /** @type {Map<string, Figure[]>} */
  const byName = new Map();
  for (const one of figures) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const rows = [...byName].map(([name, all]) => {
    const { median, min, max } = summarize(all.map(({ value }) => value));
    const { unit = "", target = "", note = "" } = all.at(-1) ?? {};
    return [name, unit, short(median), all.length > 1 ? `${short(min)}–${short(max)}` : "", target, note];
  });
  if (form === "markdown") return markdown(["figure", "unit", "median", "least–most", "target", "note"], rows);
  return rows.map(([name, unit, median, spread, target, note]) => `${name}: ${median} ${unit}${spread ? ` (${spread})` : ""}${target ? `, target ${target}` : ""}${note ? `; ${note}` : ""}`).join("\n");
}
