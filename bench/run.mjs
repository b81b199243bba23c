/**
 * `npm run bench`: Descent, jax-js and TensorFlow.js train the same model from the same weights on the same batches, in turn, in
 * the installed Chromium. In: options. Out: a table, and everything behind it as JSON in `bench/results`, written after each
 * size, so that `--resume` goes on where a run ended. docs/benchmarks.md says what the columns mean.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CHROMIUM_FLAGS, NO_WEBGPU_FLAGS, ensureChromium, findChromium } from "../scripts/chromium.mjs";
import { Problem } from "../scripts/problem.mjs";
import { ROOT, runTool } from "../scripts/process.mjs";
import { serve } from "../scripts/serve.mjs";
import { ensureInstalled } from "../scripts/setup.mjs";
import { call, runMatch } from "./rounds.mjs";
import { loadAverage } from "./load.mjs";
import { notesOf, tableOf } from "./table.mjs";

const USAGE = `Usage: npm run bench -- [--sizes xs,s,m,l] [--peers jax,tfjs | --only descent] [--rounds N] [--runs N] [--markdown] [--resume FILE] [--cpu]`;
const SIZES = ["xs", "s", "m", "l"];
const PEERS = ["jax", "tfjs"];
const PAGE = join(ROOT, "test-results/bench-page");
const RESULTS = join(ROOT, "bench/results");
/** A step of TensorFlow.js at L takes minutes where the processor stands in for a GPU. */
const LONGEST_MS = 60 * 60 * 1000;

/** @typedef {import("./result").ContenderName} ContenderName */
/** @typedef {import("./sizes").SizeName} SizeName */
/** @typedef {import("./table.mjs").Run} Run */
/** @typedef {{ sizes: string[], peers: string[] | undefined, rounds: number, runs: number, isMarkdown: boolean, isCpu: boolean, resume: string | undefined }} Options */

const OPTIONS = /** @type {const} */ ({
  sizes: { type: "string", default: "xs,s,m" },
  peers: { type: "string" },
  only: { type: "string" },
  rounds: { type: "string", default: "12" },
  runs: { type: "string", default: "1" },
  markdown: { type: "boolean", default: false },
  resume: { type: "string" },
  cpu: { type: "boolean", default: false },
});

/** @param {string[]} words @returns {Options} */
function readOptions(words) {
  let values;
  try {
    ({ values } = parseArgs({ args: words, options: OPTIONS }));
  } catch (error) {
    throw new Problem(`The arguments were not understood: ${/** @type {Error} */ (error).message.split(". ")[0]}.`, USAGE);
  }
  const sizes = choose(values.sizes, SIZES, "size");
  if (values.only !== undefined && values.only !== "descent") throw new Problem(`--only takes "descent", not "${values.only}".`, USAGE);
  const isAlone = values.only !== undefined || values.cpu || values.peers === "";
  const peers = isAlone ? [] : values.peers === undefined ? undefined : choose(values.peers, PEERS, "peer");
  return {
    sizes, peers, rounds: count(values.rounds, "rounds"), runs: count(values.runs, "runs"), isMarkdown: values.markdown, isCpu: values.cpu, resume: values.resume,
  };
}

/** @param {string} list @param {readonly string[]} known @param {string} what */
function choose(list, known, what) {
  const chosen = list.split(",");
  const unknown = chosen.find((one) => !known.includes(one));
  if (unknown !== undefined) throw new Problem(`There is no ${what} "${unknown}"; there are ${known.join(", ")}.`, USAGE);
  return chosen;
}

/** @param {string} text @param {string} what */
function count(text, what) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Problem(`The ${what} must be a whole number from 1, not "${text}".`, USAGE);
  return number;
}

/** A step of TensorFlow.js at L takes about four minutes on a software adapter: it has to be asked for. @param {Options} options @param {string} size */
function contendersAt({ peers }, size) {
  const chosen = peers ?? (size === "l" ? ["jax"] : PEERS);
  return /** @type {ContenderName[]} */ (["descent", ...chosen]);
}

export async function buildPage() {
  const { code, output } = await runTool("vite", ["build", "--config", "bench/vite.config.ts", "--logLevel", "warn"], { capture: true });
  if (code === 0) return;
  console.error(output.trim());
  throw new Problem("The benchmark's page could not be built; the cause is above.");
}

/**
 * Opens the benchmark's page in the installed Chromium for as long as `visit` takes.
 * @template T
 * @param {readonly string[]} flags
 * @param {(page: import("@playwright/test").Page, version: string) => Promise<T>} visit
 */
export async function withPage(flags, visit) {
  const server = await serve(PAGE, 0);
  const { chromium } = await import("@playwright/test");
  const executablePath = findChromium();
  const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: [...flags] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LONGEST_MS);
    await page.goto(server.url);
    await page.waitForFunction(() => "bench" in globalThis);
    return await visit(page, `Chromium ${browser.version()}`);
  } finally {
    await browser.close();
    server.close();
  }
}

/** @param {Options} options @returns {{ path: string, run: Run }} */
function beginRun({ resume }) {
  const started = new Date().toISOString();
  const path = resume ?? join(RESULTS, `${started.replaceAll(":", "-").slice(0, 19)}.json`);
  if (resume === undefined) return { path, run: { started, chromium: "", processor: "", devices: [], entries: [] } };
  try {
    return { path, run: JSON.parse(readFileSync(path, "utf8")) };
  } catch (error) {
    throw new Problem(`"${path}" cannot be gone on with: ${/** @type {Error} */ (error).message}.`, "Name a file of bench/results, or leave --resume out.");
  }
}

/** @param {Options} options @param {(text: string) => void} onNote */
async function runOnce(options, onNote) {
  const { path, run } = beginRun(options);
  const missing = options.sizes.filter((size) => !run.entries.some((entry) => entry.size === size));
  await withPage(options.isCpu ? NO_WEBGPU_FLAGS : CHROMIUM_FLAGS, async (page, version) => {
    run.chromium = version;
    run.processor = `${cpus().length} × ${cpus()[0]?.model.trim() || process.arch}`;
    for (const size of missing) {
      const device = await call(page, "describe");
      run.devices.push(device);
      onNote(`${size.toUpperCase()}: ${device.adapter}, R32 ${(device.ceilings.flopsPerSecond / 1e9).toFixed(1)} GFLOP/s; load average ${loadAverage().toFixed(1)}`);
      const match = { size: /** @type {SizeName} */ (size), isSlow: device.isSlow, contenders: contendersAt(options, size), rounds: options.rounds, onNote };
      run.entries.push(...(await runMatch(page, match)));
      mkdirSync(RESULTS, { recursive: true });
      writeFileSync(path, `${JSON.stringify(run, null, 2)}\n`);
    }
  });
  return { path, run };
}

/** @param {string[]} words */
export default async function bench(words) {
  const options = readOptions(words);
  const onNote = options.isMarkdown ? (/** @type {string} */ text) => console.error(text) : (/** @type {string} */ text) => console.log(text);
  await ensureInstalled();
  await ensureChromium();
  await buildPage();
  for (let index = 0; index < options.runs; index += 1) {
    const { path, run } = await runOnce(options, onNote);
    console.log(`\n${notesOf(run).join(options.isMarkdown ? "\n\n" : "\n")}\n\n${tableOf(run)}\n`);
    onNote(`Everything measured: ${path}`);
  }
}
