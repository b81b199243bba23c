/** From entries to a table. In: what was measured. Out: markdown, one line per library and size, and sentences for what a table cannot say. */

import { CONTENDERS } from "./contenders.mjs";

/** @typedef {import("./result").Entry} Entry */
/** @typedef {import("./result").Device} Device */
/** @typedef {{ size: string, kernels: readonly import("./result").KernelTime[] }} Kernels */
/** @typedef {import("./result").GenerateAnswer & { size: string, parameters: number }} Generated */
/** @typedef {{ size: string, states: readonly import("./studioPage.mjs").StateReading[] }} Studio */
/**
 * @typedef {object} Run
 * @property {string} started
 * @property {string} place
 * @property {string} processor
 * @property {Device[]} devices
 * @property {Entry[]} entries
 * @property {Kernels[]} kernels
 * @property {Generated[]} generated
 * @property {Studio[]} studio
 */

/** @param {Entry} entry */
const titleOf = ({ contender }) => CONTENDERS[contender].title;

/** @param {readonly number[]} values */
export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { median: median ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** @param {number} value */
export const short = (value) =>
  !Number.isFinite(value) ? "–" : value >= 1000 ? Math.round(value).toLocaleString("en") : value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** @param {Entry} entry */
const timesOf = (entry) => summarize(entry.blocks.map(({ ms }) => ms));

/** What `share` of the values do not exceed. @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

/** The best that any reading of the run found: a ceiling is what can be had. @param {readonly Device[]} devices */
function bestCeilings(devices) {
  const all = devices.map(({ ceilings }) => ceilings);
  return {
    flopsPerSecond: Math.max(...all.map((one) => one.flopsPerSecond)),
    bytesPerSecond: Math.max(...all.map((one) => one.bytesPerSecond)),
    dispatchSeconds: Math.min(...all.map((one) => one.dispatchSeconds)),
  };
}

/**
 * @param {readonly string[]} titles
 * @param {readonly (readonly string[])[]} rows
 */
export function markdown(titles, rows) {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column < 2 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(titles), rule, ...rows.map(line)].join("\n");
}

/** Without columns that say nothing of anybody. @param {readonly string[]} titles @param {readonly (readonly string[])[]} rows */
function markdownOfFilled(titles, rows) {
  const filled = titles.map((_, column) => rows.some((row) => row[column] !== "–"));
  const keep = (/** @type {readonly string[]} */ cells) => cells.filter((_, column) => filled[column]);
  return markdown(keep(titles), rows.map(keep));
}

const TITLES = [
  "size", "library", "threads", "ms/step", "min", "max", "blocks × steps", "tokens/s", "first step ms", "dispatches", "submits", "objects", "bound MB", "GFLOP/s", "% of R32", "× Descent's time",
];

/** @param {Run} run */
export function tableOf({ entries, devices }) {
  const rows = entries.map((entry) => {
    const reference = entries.find((one) => one.size === entry.size && one.start?.facts);
    const facts = reference?.start?.facts;
    const { median, min, max } = timesOf(entry);
    const name = [entry.size.toUpperCase(), titleOf(entry), String(entry.start?.threads ?? "–")];
    if (entry.dropped) return [...name, "dropped"];
    const rate = (facts?.flopsPerStep ?? NaN) / median / 1e6;
    const { counts } = entry;
    const objects = counts && counts.buffers + counts.bindGroups + counts.pipelines + counts.shaderModules + counts.others;
    const marks = entry.blocks.filter((block) => block.isDisturbed).length;
    return [
      ...name, short(median), short(min), short(max),
      `${entry.blocks.length}×${entry.stepsPerBlock}${marks > 0 ? ` (${marks} disturbed)` : ""}`,
      short((1000 * (reference ? tokensOf(reference) : NaN)) / median), firstStep(entry),
      String(counts?.dispatches ?? "–"), String(counts?.submits ?? "–"), String(objects ?? "–"), counts ? short(counts.boundBytes / 1e6) : "–",
      short(rate), shareOfCeiling(entry, rate, devices), reference ? short(median / timesOf(reference).median) : "–",
    ];
  });
  return markdownOfFilled(TITLES, rows.map((row) => TITLES.map((_, column) => row[column] ?? "–")));
}

/** Of the best rate that Descent's own runtime showed where this library computes. @param {Entry} entry @param {number} rate @param {readonly Device[]} devices */
function shareOfCeiling({ contender }, rate, devices) {
  const same = devices.filter(({ runtime }) => runtime === CONTENDERS[contender].computesOn);
  return same.length > 0 ? `${((1e11 * rate) / bestCeilings(same).flopsPerSecond).toFixed(1)}%` : "–";
}

/** @param {Entry} entry */
function firstStep({ start }) {
  const { tuningMs = 0, compilingMs = 0 } = start?.facts ?? {};
  return `${short(start?.firstStepMs ?? NaN)}${tuningMs > 1 ? ` (tuning ${short(tuningMs)}, compiling ${short(compilingMs)})` : ""}`;
}

/** @param {Entry} entry */
const tokensOf = ({ start }) => start?.facts?.tokensPerStep ?? NaN;

/** What was measured on, and what the table leaves out. @param {Run} run */
export function notesOf({ started, place, processor, devices, entries }) {
  const busy = entries.flatMap(({ blocks }) => blocks.flatMap(({ othersBusy }) => othersBusy ?? []));
  const lines = [
    `${place}; ${processor}; ${started.slice(0, 16).replace("T", " ")} UTC.`,
    ...["webgpu", "cpu"].flatMap((runtime) => deviceLine(devices.filter((device) => device.runtime === runtime))),
    ...(busy.length > 0 ? [`Other programs used ${summarize(busy).median.toFixed(2)} processors during the median block, ${Math.max(...busy).toFixed(2)} at most.`] : []),
  ];
  lines.push(...new Set(entries.flatMap((entry) => (entry.start?.detail ? [`${titleOf(entry)} is ${entry.start.detail}.`] : []))));
  for (const entry of entries) if (entry.dropped) lines.push(`${titleOf(entry)} was dropped at ${entry.size.toUpperCase()}: ${entry.dropped}.`);
  return lines;
}

/** What it is and what it can do at best. @param {readonly Device[]} readings All of one device. */
function deviceLine(readings) {
  const [device] = readings;
  if (!device) return [];
  const { flopsPerSecond, bytesPerSecond, dispatchSeconds } = bestCeilings(readings);
  const ceilings = `R32 ${short(flopsPerSecond / 1e9)} GFLOP/s, B ${short(bytesPerSecond / 1e9)} GB/s, L ${short(dispatchSeconds * 1e6)} µs`;
  return [`${device.adapter} (${device.detail}): ceilings ${ceilings}.`];
}

/** A fused chain names all its functions; the JSON has them. */
const LONGEST_LABEL = 48;

/** Each kernel's time, and how near it is to the ceiling that bounds it. @param {Run} run @param {Kernels} measured */
export function kernelTable({ devices }, { size, kernels }) {
  const { flopsPerSecond, bytesPerSecond } = bestCeilings(devices);
  const total = kernels.reduce((sum, { ms }) => sum + ms, 0);
  const rows = kernels.map(({ label, dispatches, ms, flops, bytes }) => {
    const [byArithmetic, byMemory] = [flops / flopsPerSecond, bytes / bytesPerSecond];
    return [
      label.length > LONGEST_LABEL ? `${label.slice(0, LONGEST_LABEL)}…` : label, byArithmetic > byMemory ? "R32" : "B", String(dispatches), short(ms), `${((100 * ms) / total).toFixed(1)}%`,
      flops > 0 ? short(flops / ms / 1e6) : "–", short(bytes / ms / 1e6), `${((1e5 * Math.max(byArithmetic, byMemory)) / ms).toFixed(0)}%`,
    ];
  });
  const titles = ["kernel", "bound by", "dispatches", "ms", "of the update", "GFLOP/s", "GB/s", "of its ceiling"];
  const dispatches = kernels.reduce((sum, one) => sum + one.dispatches, 0);
  return `${size.toUpperCase()}: ${short(total)} ms in ${dispatches} dispatches\n\n${markdown(titles, rows)}`;
}

/** @param {Run} run */
export function generationTable({ devices, generated }) {
  const { bytesPerSecond } = bestCeilings(devices);
  const rows = generated.map(({ size, parameters, tokens, ms, weightBytes }) => {
    const rate = (1000 * tokens) / ms;
    return [size.toUpperCase(), String(tokens), parameters.toLocaleString("en"), short(rate), short((weightBytes * rate) / 1e9), `${((100 * weightBytes * rate) / bytesPerSecond).toFixed(1)}%`];
  });
  return markdown(["size", "tokens", "parameters", "tokens/s", "weights read GB/s", "of B"], rows);
}

/** The browser reports no interaction that was faster. */
const FASTEST_REPORTED_MS = 16;

/** The studio's own page: how smooth it was in each state, how it answered, what encoding took. @param {Run} run */
export function studioTable({ studio }) {
  const readings = studio.flatMap(({ size, states }) => states.map((one) => ({ ...one, name: [size.toUpperCase(), one.state] })));
  const frames = readings.map(({ name, untouched, othersBusy }) => {
    const { median, max } = summarize(untouched.frames);
    const { mainThread } = untouched;
    return [
      ...name, short(median), short(quantile(untouched.frames, 0.95)), short(max), ...tasksOf(mainThread),
      `${((100 * mainThread.ownMs) / mainThread.ms).toFixed(1)}%`, othersBusy === null ? "–" : othersBusy.toFixed(2),
    ];
  });
  const answers = readings.map(({ name, used, pressed }) => {
    const count = Math.max(pressed, used.interactions.length);
    const { median, max } = summarize(Array.from({ length: count }, (_, press) => used.interactions[press]?.duration ?? FASTEST_REPORTED_MS));
    return [...name, short(median), short(max), short(Math.max(0, ...used.interactions.map(({ delay }) => delay))), ...tasksOf(used.mainThread)];
  });
  const workers = readings.filter(({ state }) => state === "training").map(({ name, untouched, encodeMs, workerMs, heapBefore, heapAfter }) => {
    const share = encodeMs / workerMs;
    return [...name, short(untouched.stepMs), short(share * untouched.stepMs), `${(100 * share).toFixed(2)}%`, `${short(heapBefore / 1e6)} → ${short(heapAfter / 1e6)}`];
  });
  const tasks = ["tasks > 50 ms", "of them own", "longest ms", "longest own ms"];
  return [
    markdown(["size", "page, untouched", "frame ms", "p95", "max", ...tasks, "own work", "others busy"], frames),
    markdown(["size", "page, used", "press ms", "max", "wait", ...tasks], answers),
    markdown(["size", "worker", "ms/step", "encode + submit ms", "of a step", "page's heap MB"], workers),
  ].join("\n\n");
}

/** @param {import("./mainThread.mjs").MainThread} mainThread */
const tasksOf = ({ longTasks, longTasksOwn, longest, longestOwn }) => [String(longTasks), String(longTasksOwn), short(longest), short(longestOwn)];
