/**
 * `npm run bench`: Descent and its peers (contenders.mjs) train the same model from the same weights on the same batches, in turn. In:
 * options (options.mjs). Out: tables, and everything behind them as JSON in `bench/results`, written after each size, so
 * that `--resume` goes on where a run ended. docs/benchmarks.md says what the columns mean.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { Problem } from "../scripts/problem.mjs";
import { ROOT } from "../scripts/process.mjs";
import { ensureBuilt, ensureInstalled } from "../scripts/setup.mjs";
import { contendersAt, ownName } from "./contenders.mjs";
import { withHost } from "./hosts.mjs";
import { loadAverage } from "./load.mjs";
import { readOptions } from "./options.mjs";
import { runMatch } from "./rounds.mjs";
import { measureStudio } from "./studioPage.mjs";
import { generationTable, kernelTable, notesOf, studioTable, tableOf } from "./table.mjs";

const RESULTS = join(ROOT, "bench/results");
const GENERATED_TOKENS = 200;

/** @typedef {import("./result").BenchPage} BenchPage */
/** @typedef {import("./sizes").SizeName} SizeName */
/** @typedef {import("./options.mjs").Options} Options */
/** @typedef {import("./table.mjs").Run} Run */
/** @typedef {(text: string) => void} Note */

/** @param {Options} options @returns {{ path: string, run: Run }} */
function beginRun({ resume }) {
  const started = new Date().toISOString();
  const path = resume ?? join(RESULTS, `${started.replaceAll(":", "-").slice(0, 19)}.json`);
  const processor = `${cpus().length} × ${cpus()[0]?.model.trim() || process.arch}`;
  if (resume === undefined) return { path, run: { started, place: "", processor, devices: [], entries: [], kernels: [], generated: [], studio: [] } };
  try {
    return { path, run: { studio: [], ...JSON.parse(readFileSync(path, "utf8")) } };
  } catch (error) {
    throw new Problem(`"${path}" cannot be gone on with: ${/** @type {Error} */ (error).message}.`, "Name a file of bench/results, or leave --resume out.");
  }
}

/** @typedef {{ bench: BenchPage, browser: import("@playwright/test").Browser | undefined }} Host Without a browser in Node. */

/** @param {BenchPage} bench @param {import("./result").OwnName} own @param {Run} run @param {Note} onNote */
async function describe(bench, own, run, onNote) {
  const device = await bench.describe(own);
  run.devices.push(device);
  onNote(`${device.adapter} (${device.detail}): R32 ${(device.ceilings.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s; load average ${loadAverage().toFixed(1)}`);
  return device;
}

/** One size. @param {Host} host @param {Options} options @param {SizeName} size @param {Run} run @param {Note} onNote */
async function measureSize({ bench, browser }, options, size, run, onNote) {
  const own = ownName(options.host);
  const device = await describe(bench, own, run, onNote);
  const settings = await bench.prepare(size, device.isSlow, options.batch);
  if (options.mode === "page") {
    if (browser) run.studio.push({ size, states: await measureStudio(browser, settings, own === "descent-cpu" ? "cpu" : "gpu") });
    return;
  }
  if (options.mode === "train") {
    const contenders = contendersAt(options, size, device.isSlow);
    if (own !== "descent-cpu" && contenders.includes("descent-cpu")) await describe(bench, "descent-cpu", run, onNote);
    const match = { size, contenders, steps: options.steps, onNote };
    run.entries.push(...(await runMatch(bench, match)));
    return;
  }
  const start = /** @type {import("./result").StartAnswer} */ (await bench.start(own));
  if (options.mode === "kernels") {
    const { kernels } = /** @type {import("./result").ProfileAnswer} */ (await bench.ask(own, { ask: "profile" }));
    run.kernels.push({ size, kernels });
  } else {
    const answer = /** @type {import("./result").GenerateAnswer} */ (await bench.ask(own, { ask: "generate", tokens: GENERATED_TOKENS }));
    run.generated.push({ size, ...answer, parameters: start.facts?.parameters ?? NaN });
  }
  await bench.stop(own);
}

/** @param {Options} options @param {Note} onNote */
async function runOnce(options, onNote) {
  const { path, run } = beginRun(options);
  const done = { train: run.entries, kernels: run.kernels, generate: run.generated, page: run.studio }[options.mode];
  const missing = options.sizes.filter((size) => !done.some((entry) => entry.size === size));
  if (missing.length === 0) return { path, run };
  await withHost(options, async (bench, place, browser) => {
    run.place = place;
    for (const size of missing) {
      await measureSize({ bench, browser }, options, size, run, onNote);
      mkdirSync(RESULTS, { recursive: true });
      writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
    }
  });
  return { path, run };
}

/** @param {Run} run @param {Options} options */
function printRun(run, { mode, isMarkdown }) {
  console.log(`\n${notesOf(run).join(isMarkdown ? "\n\n" : "\n")}\n`);
  if (mode === "train") console.log(tableOf(run));
  if (mode === "kernels") console.log(run.kernels.map((one) => kernelTable(run, one)).join("\n\n"));
  if (mode === "generate") console.log(generationTable(run));
  if (mode === "page") console.log(studioTable(run));
}

/** @param {string[]} words */
export default async function bench(words) {
  const options = readOptions(words);
  const onNote = options.isMarkdown ? (/** @type {string} */ text) => console.error(text) : (/** @type {string} */ text) => console.log(text);
  await ensureInstalled();
  if (options.mode === "page") await ensureBuilt();
  for (let index = 0; index < options.runs; index += 1) {
    const { path, run } = await runOnce(options, onNote);
    printRun(run, options);
    onNote(`\nEverything measured: ${path}`);
  }
}
