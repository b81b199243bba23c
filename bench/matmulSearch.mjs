/**
 * `node bench/matmulSearch.mjs [--sizes s,m,l,xl] [--products 384x128,… --rows 1024] [--layouts NT,NN,TN] [--variants id,…] [--rounds 5]
 * [--markdown]`: times the ways to make the products of the reference models in the installed Chromium. A product "NxK" is a linear
 * layer with N outputs and K inputs over so many rows: its forward (NT), the gradient of its input (NN) and of its weight (TN).
 * Out: for each, GFLOP/s of every variant's best round, what compiling took, and a table: the family's first guess, the
 * best of its list (what a tuner with time finds) and the best of all that was tried. Where the processor stands in for a
 * GPU (Linux), rates are per second of its threads' own time, one core's, which says more than the clock when the machine is busy.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";
import { CHROMIUM_FLAGS, findChromium } from "../scripts/chromium.mjs";

const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "m" }, products: { type: "string" }, rows: { type: "string", default: "1024" }, layouts: { type: "string", default: "NT,NN,TN" },
    variants: { type: "string" }, rounds: { type: "string", default: "5" }, markdown: { type: "boolean" },
  },
});
const rows = Number(values.rows);
/** @type {{ layout: string, M: number, N: number, K: number, after?: string }[] | undefined} */
const given = values.products?.split(",").flatMap((product) => {
  const [outputs = 0, inputs = 0] = product.split("x").map(Number);
  return [{ layout: "NT", M: rows, N: outputs, K: inputs }, { layout: "NN", M: rows, N: inputs, K: outputs }, { layout: "TN", M: outputs, N: inputs, K: rows }];
});
/** Everything but the table goes to standard error when the table is to be pasted. */
const say = values.markdown ? console.error : console.log;

/** Milliseconds that the threads of the browser's GPU process have run; always 0 where the system does not say. */
function processorClock() {
  const argumentsOf = (/** @type {string} */ pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };
  const parentOf = (/** @type {string} */ pid) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
  const isOurs = (/** @type {string | undefined} */ pid) => {
    for (let at = pid; at && at !== "0"; at = parentOf(at)) if (at === String(process.pid)) return true;
    return false;
  };
  const pids = process.platform === "linux" ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  const pid = pids.find((one) => argumentsOf(one).includes("--type=gpu-process") && isOurs(one));
  return () => {
    if (!pid) return 0;
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]));
    return threads.reduce((sum, nanoseconds) => sum + nanoseconds / 1e6, 0);
  };
}

/** @typedef {{ variant: string, compileMs: number, place: number, rate: number }} Timed */

/** All variants of one product, fastest first.
 * @param {(name: string, ...args: unknown[]) => Promise<any>} call
 * @param {{ layout: string, M: number, N: number, K: number, after?: string }} shape
 * @param {() => number} readCpu
 */
async function timeShape(call, shape, readCpu) {
  /** @type {Omit<Timed, "rate">[]} */
  const variants = await call("prepareShape", shape, values.variants?.split(","));
  const least = variants.map(() => Infinity);
  // Variants take turns, so that a busy moment of the machine meets all of them.
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const index of variants.keys()) {
      const before = readCpu();
      const { ms, count } = await call("runVariant", index);
      least[index] = Math.min(least[index] ?? Infinity, ((readCpu() - before || ms) / count));
    }
  }
  const timed = variants.map((one, index) => ({ ...one, rate: (2 * shape.M * shape.N * shape.K) / (least[index] ?? NaN) / 1e6 })).sort((a, b) => b.rate - a.rate);
  say(`\n${nameOf(shape)}`);
  for (const { variant, rate, compileMs } of timed) say(`${variant.padEnd(28)} ${rate.toFixed(2).padStart(6)} GFLOP/s, compiled in ${compileMs.toFixed(0)} ms`);
  return timed;
}

/** @param {{ layout: string, M: number, N: number, K: number, after?: string }} shape */
const nameOf = ({ layout, M, N, K, after }) => `${layout} ${M}×${N}×${K}${after ? ` ${after}` : ""}`;

/**
 * @param {string} size
 * @param {Parameters<typeof nameOf>[0]} shape
 * @param {Timed[]} timed
 */
function rowOf(size, shape, timed) {
  const show = (/** @type {Timed | undefined} */ one) => (one ? `${one.variant} ${one.rate.toFixed(2)}` : "not timed");
  const first = timed.find(({ place }) => place === 0);
  const old = timed.find(({ variant }) => variant === "registers-8x8");
  const ratio = (/** @type {number | undefined} */ a, /** @type {number | undefined} */ b) => (a && b ? (a / b).toFixed(2) : "");
  return `| ${size} | ${nameOf(shape)} | ${show(first)} | ${show(timed.find(({ place }) => place >= 0))} | ${show(timed[0])} | ${ratio(first?.rate, timed[0]?.rate)} | ${ratio(first?.rate, old?.rate)} |`;
}

const server = await createServer({ root: fileURLToPath(new URL(".", import.meta.url)), configFile: false, logLevel: "warn", server: { port: 0, hmr: false, watch: null } });
await server.listen();
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: CHROMIUM_FLAGS });
try {
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  page.on("pageerror", (error) => console.error(error.message));
  page.setDefaultTimeout(0);
  await page.goto(`${server.resolvedUrls?.local[0]}matmulSearch.html`);
  await page.waitForFunction(() => "runVariant" in globalThis);
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ ...args) =>
    page.evaluate(([one, given]) => /** @type {any} */ (globalThis)[one](...given), /** @type {[string, unknown[]]} */ ([name, args]));
  const readCpu = processorClock();
  /** @type {string[]} */
  const table = [];
  for (const size of given ? ["given"] : values.sizes.split(",")) {
    /** @type {NonNullable<typeof given>} */
    const shapes = given ?? (await call("listShapes", size));
    for (const shape of shapes.filter(({ layout }) => values.layouts.split(",").includes(layout))) table.push(rowOf(size, shape, await timeShape(call, shape, readCpu)));
  }
  console.log(["", "| | product | first of the list | best of the list | best tried | first / best | × registers-8x8 |", "|---|---|---|---|---|---|---|", ...table].join("\n"));
} finally {
  await browser.close();
  await server.close();
}
