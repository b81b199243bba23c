/**
 * `node bench/product.mjs [--sizes 512,1024] [--rounds 20] [--markdown]`: a square product on one thread of Descent's CPU runtime in the installed
 * Chromium, with relaxed SIMD and without, against NumPy's BLAS on one thread, in turns. Out: a table of GFLOP/s (the best of all
 * rounds, so that a busy machine lowers them little), as shares of the BLAS with its own choice of kernels and of what the same instructions
 * do in registers. OpenBLAS runs again with its kernels for narrower vectors, because WebAssembly's have 128 bits.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";
import { NO_WEBGPU_FLAGS, findChromium } from "../scripts/chromium.mjs";
import { DEV_HEADERS } from "../scripts/headers.mjs";
import { loadAverage } from "./load.mjs";
import { startPython } from "./python.mjs";
import { markdown } from "./table.mjs";

const { values } = parseArgs({ options: { sizes: { type: "string", default: "512,1024" }, rounds: { type: "string", default: "20" }, markdown: { type: "boolean" } } });
/** Everything but the table goes to standard error when the table is to be pasted. */
const say = values.markdown ? console.error : console.log;
/** Of a contender in a round. */
const TURN_MS = 120;

/** Bits of the vectors of OpenBLAS's kernels, by the names it gives them. @type {Readonly<Record<string, number>>} */
const VECTOR_BITS = { SkylakeX: 512, Cooperlake: 512, Sapphirerapids: 512, Haswell: 256, Zen: 256, Sandybridge: 256, Nehalem: 128 };
/** Beside its own choice: 256 bits with fused multiply–add, 128 bits. */
const NARROWER = ["Haswell", "Nehalem"];

/** @typedef {{ name: string, work: number, ceiling?: number, run: () => Promise<number> }} Contender `run` gives milliseconds; `ceiling` is a place in the list. */

/** @typedef {{ title: string, run: (side: number) => Promise<number>, stop: () => void }} Blas */

/** @returns {Promise<Blas[]>} */
async function openBlas() {
  /** @type {Blas[]} */
  const opened = [];
  for (const core of [undefined, ...NARROWER]) {
    const python = startPython("bench/blas.py", [], { OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1", VECLIB_MAXIMUM_THREADS: "1", ...(core ? { OPENBLAS_CORETYPE: core } : {}) });
    const { library, core: chosen } = await python.ask({});
    const bits = VECTOR_BITS[chosen];
    const title = `${library}${chosen ? `, ${chosen}` : ""}${bits ? ` (${bits} bits)` : ""}`;
    // Another library knows no such names, and OpenBLAS may have chosen these kernels by itself.
    if ((core !== undefined && chosen !== core) || opened.some((one) => one.title === title)) python.stop();
    else opened.push({ title, run: async (side) => (await python.ask({ side, forMs: TURN_MS })).ms, stop: python.stop });
  }
  return opened;
}

/** A line for each of one size. @param {number} side @param {readonly Contender[]} contenders @param {readonly number[]} rates The BLAS's own choice comes first. */
function linesOf(side, contenders, rates) {
  const share = (/** @type {number} */ rate, /** @type {number | undefined} */ of) => (of ? `${((100 * rate) / of).toFixed(0)}%` : "–");
  return contenders.map(({ name, ceiling }, index) => {
    const rate = rates[index] ?? NaN;
    return [`${side}³`, name, rate.toFixed(1), share(rate, rates[0]), share(rate, ceiling === undefined ? undefined : rates[ceiling])];
  });
}

/** Shortest milliseconds of each; they take turns. @param {readonly Contender[]} contenders */
async function timeInTurns(contenders) {
  const shortest = contenders.map(() => Infinity);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [index, { run }] of contenders.entries()) shortest[index] = Math.min(shortest[index] ?? Infinity, await run());
  }
  return shortest;
}

const server = await createServer({ root: fileURLToPath(new URL(".", import.meta.url)), configFile: false, logLevel: "warn", server: { port: 0, hmr: false, watch: null, headers: DEV_HEADERS } });
await server.listen();
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: NO_WEBGPU_FLAGS });
const blas = await openBlas();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error.message));
  page.setDefaultTimeout(0);
  await page.goto(`${server.resolvedUrls?.local[0]}product.html`);
  await page.waitForFunction(() => "prepare" in globalThis);
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ ...words) =>
    page.evaluate(([one, given]) => /** @type {any} */ (globalThis)[one](...given), /** @type {[string, unknown[]]} */ ([name, words]));
  /** @type {string[][]} */
  const rows = [];
  for (const side of values.sizes.split(",").map(Number)) {
    /** @type {Required<Omit<Contender, "run">>[]} */
    const ours = await call("prepare", side);
    const contenders = [
      ...blas.map(({ title, run }) => ({ name: title, work: 2 * side ** 3, run: () => run(side) })),
      ...ours.map(({ name, work, ceiling }, index) => ({ name, work, ceiling: blas.length + ceiling, run: () => call("run", index, TURN_MS) })),
    ];
    const rates = (await timeInTurns(contenders)).map((ms, index) => (contenders[index]?.work ?? NaN) / ms / 1e6);
    rows.push(...linesOf(side, contenders, rates));
    say(`${side}³ done; load average ${loadAverage().toFixed(1)}`);
  }
  say(`Chromium ${browser.version()}, one thread each, best of ${values.rounds} rounds of ${TURN_MS} ms in turns\n`);
  console.log(markdown(["product", "by", "GFLOP/s", "of the BLAS", "of its registers"], rows));
} finally {
  for (const one of blas) one.stop();
  await browser.close();
  await server.close();
}
