/**
 * `node bench/matmulSearch.mjs [--rows 1024] [--products 384x128,…] [--variants id,…] [--rounds 5] [--gelu]`: times the ways
 * to make a matrix product in the installed Chromium. A product "NxK" is a linear layer with N outputs and K inputs over so many
 * rows: its forward (NT), the gradient of its input (NN) and of its weight (TN). Out: GFLOP/s of the best round, and
 * the milliseconds that compiling took. Where the processor stands in for a GPU (Linux), also GFLOP per second of its threads' own
 * time, which says more than the clock when the machine is busy.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import { createServer } from "vite";
import { CHROMIUM_FLAGS, findChromium } from "../scripts/chromium.mjs";

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1024" }, products: { type: "string", default: "384x128,128x128,512x128,128x512,65x128" },
    layouts: { type: "string", default: "NT,NN,TN" }, variants: { type: "string" }, rounds: { type: "string", default: "5" }, gelu: { type: "boolean" },
  },
});
const rows = Number(values.rows);
const shapes = values.products.split(",").flatMap((product) => {
  const [outputs = 0, inputs = 0] = product.split("x").map(Number);
  return [
    { layout: "NT", M: rows, N: outputs, K: inputs, gelu: values.gelu === true },
    { layout: "NN", M: rows, N: inputs, K: outputs },
    { layout: "TN", M: outputs, N: inputs, K: rows },
  ].filter(({ layout }) => values.layouts.split(",").includes(layout));
});

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

const server = await createServer({ root: fileURLToPath(new URL(".", import.meta.url)), configFile: false, logLevel: "warn", server: { port: 0 } });
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
  for (const shape of shapes) {
    /** @type {{ variant: string, compileMs: number }[]} */
    const variants = await call("prepareShape", shape, values.variants?.split(","));
    const times = variants.map(() => ({ wall: /** @type {number[]} */ ([]), cpu: /** @type {number[]} */ ([]) }));
    // Variants take turns, so that a busy moment of the machine meets all of them.
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [index, { wall, cpu }] of times.entries()) {
        const before = readCpu();
        const { ms, count } = await call("runVariant", index);
        wall.push(ms / count);
        cpu.push((readCpu() - before) / count);
      }
    }
    const rate = (/** @type {number | undefined} */ ms) => ((2 * shape.M * shape.N * shape.K) / (ms || NaN) / 1e6).toFixed(2).padStart(6);
    const least = (/** @type {number[]} */ all) => Math.min(...all);
    console.log(`\n${shape.layout} ${shape.M}x${shape.N}x${shape.K}${shape.gelu ? " gelu" : ""}`);
    const rows = variants.map(({ variant, compileMs }, index) => ({ variant, compileMs, wall: least(times[index]?.wall ?? []), cpu: least(times[index]?.cpu ?? []) }));
    for (const { variant, compileMs, wall, cpu } of rows.sort((a, b) => a.cpu - b.cpu || a.wall - b.wall)) {
      console.log(`${variant.padEnd(28)} ${rate(wall)} GFLOP/s, ${rate(cpu)} per core, compiled in ${compileMs.toFixed(0)} ms`);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
