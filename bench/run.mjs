/**
 * `npm run bench [-- --sizes xs,s,m --steps 40 --cpu]`: trains the reference workload in the installed Chromium and says how fast.
 * In: sizes and how many updates to time. Out: a table, and everything behind it as JSON in `bench/results`. Timings of a
 * shared machine are worth little without its load, so each line carries the load average it was taken under.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHROMIUM_FLAGS, NO_WEBGPU_FLAGS, ensureChromium, findChromium } from "../scripts/chromium.mjs";
import { Problem } from "../scripts/problem.mjs";
import { ROOT, runTool } from "../scripts/process.mjs";
import { serve } from "../scripts/serve.mjs";
import { ensureInstalled } from "../scripts/setup.mjs";

const USAGE = "Usage: npm run bench -- [--sizes xs,s,m,l] [--steps N] [--cpu]";
const SIZES = ["xs", "s", "m", "l"];
const PAGE = join(ROOT, "test-results/bench-page");
const RESULTS = join(ROOT, "bench/results");
/** An L step takes tens of seconds where the processor stands in for a GPU. */
const LONGEST_MS = 60 * 60 * 1000;

/** @typedef {import("./result").BenchResult} BenchResult */
/** @typedef {BenchResult & { load: { before: number, after: number } }} Measured */

/** @param {string[]} words */
function readOptions(words) {
  let values;
  try {
    ({ values } = parseArgs({ args: words, options: { sizes: { type: "string" }, steps: { type: "string" }, cpu: { type: "boolean" } } }));
  } catch (error) {
    throw new Problem(`The arguments were not understood: ${/** @type {Error} */ (error).message.split(". ")[0]}.`, USAGE);
  }
  const sizes = (values.sizes ?? "xs,s,m").split(",");
  const unknown = sizes.find((size) => !SIZES.includes(size));
  if (unknown !== undefined) throw new Problem(`There is no size "${unknown}"; there are ${SIZES.join(", ")}.`, USAGE);
  const steps = Number(values.steps ?? 40);
  if (!Number.isInteger(steps) || steps < 1) throw new Problem(`The steps must be a whole number from 1, not "${values.steps}".`, USAGE);
  return { sizes, steps, isCpu: values.cpu === true };
}

async function buildPage() {
  const { code, output } = await runTool("vite", ["build", "--config", "bench/vite.config.ts", "--logLevel", "warn"], { capture: true });
  if (code === 0) return;
  console.error(output.trim());
  throw new Problem("The benchmark's page could not be built; the cause is above.");
}

/**
 * @param {{ sizes: string[], steps: number, isCpu: boolean }} options
 * @param {(measured: Measured) => void} onResult
 */
async function measure({ sizes, steps, isCpu }, onResult) {
  const server = await serve(PAGE, 0);
  const { chromium } = await import("@playwright/test");
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: isCpu ? NO_WEBGPU_FLAGS : CHROMIUM_FLAGS });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST_MS);
    await page.goto(server.url);
    await page.waitForFunction(() => "runBench" in globalThis);
    for (const size of sizes) {
      const before = loadavg()[0] ?? 0;
      const result = await page.evaluate(
        (request) => /** @type {{ runBench(request: object): Promise<BenchResult> }} */ (/** @type {unknown} */ (globalThis)).runBench(request),
        { size, steps },
      );
      onResult({ ...result, load: { before, after: loadavg()[0] ?? 0 } });
    }
    return browser.version();
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {readonly number[]} values */
function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
  return { median: median ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** @param {number} value */
const short = (value) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** @type {readonly (readonly [title: string, read: (measured: Measured) => string])[]} */
const COLUMNS = [
  ["size", ({ size }) => size.toUpperCase()],
  ["params", ({ parameters }) => String(parameters)],
  ["ms/step", ({ blocks }) => short(summarize(blocks).median)],
  ["min", ({ blocks }) => short(summarize(blocks).min)],
  ["max", ({ blocks }) => short(summarize(blocks).max)],
  ["steps", ({ blocks, stepsPerBlock }) => `${blocks.length}×${stepsPerBlock}`],
  ["tokens/s", ({ blocks, tokensPerStep }) => short((1000 * tokensPerStep) / summarize(blocks).median)],
  ["GFLOP/s", ({ blocks, flopsPerStep }) => short(flopsPerStep / summarize(blocks).median / 1e6)],
  ["first ms", ({ firstStepMs }) => firstStepMs.toFixed(0)],
  ["dispatches", ({ counts }) => String(counts?.dispatches ?? "–")],
  ["submits", ({ counts }) => String(counts?.submits ?? "–")],
  ["slot KiB", ({ slotBytes }) => (slotBytes / 1024).toFixed(0)],
  ["all KiB", ({ memoryBytes }) => (memoryBytes / 1024).toFixed(0)],
  ["load", ({ load }) => `${load.before.toFixed(1)}–${load.after.toFixed(1)}`],
];

/** @param {readonly Measured[]} results */
function printTable(results) {
  const rows = [COLUMNS.map(([title]) => title), ...results.map((result) => COLUMNS.map(([, read]) => read(result)))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `|${widths.map((width) => `${"-".repeat(width + 1)}:`).join("|")}|`);
  console.log(lines.join("\n"));
}

/** @param {readonly Measured[]} results */
function printCounts(results) {
  for (const { size, counts } of results) {
    if (!counts) continue;
    const { buffers, bindGroups, pipelines, shaderModules, others, commandEncoders } = counts;
    console.log(
      `${size.toUpperCase()}: created per step: ${buffers} buffers, ${bindGroups} bind groups, ${pipelines} pipelines, ` +
        `${shaderModules} shader modules, ${others} others; ${commandEncoders} command encoders (inherent).`,
    );
  }
}

/** @param {string[]} words */
export default async function bench(words) {
  const options = readOptions(words);
  await ensureInstalled();
  await ensureChromium();
  await buildPage();
  /** @type {Measured[]} */
  const results = [];
  const started = new Date();
  const version = await measure(options, (measured) => {
    const { median } = summarize(measured.blocks);
    console.log(`${measured.size.toUpperCase()}: ${short(median)} ms/step, loss ${measured.firstLoss.toFixed(4)} → ${measured.lastLoss.toFixed(4)}`);
    results.push(measured);
  });
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim() || process.arch}`;
  console.log(`\n${results[0]?.adapter} (${results[0]?.detail}); Chromium ${version}; ${processor}; ${started.toISOString().slice(0, 10)}\n`);
  printTable(results);
  console.log(`\nms/step: median, least and most of blocks of steps, each timed until its losses were read back. load: 1-minute average before–after.`);
  printCounts(results);
  mkdirSync(RESULTS, { recursive: true });
  const path = join(RESULTS, `${started.toISOString().replaceAll(":", "-").slice(0, 19)}.json`);
  writeFileSync(path, `${JSON.stringify({ started: started.toISOString(), chromium: version, processor, ...options, results }, null, 2)}\n`);
  console.log(`\nEverything measured: ${path}`);
}
