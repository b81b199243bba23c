/**
 * `node bench/data.mjs [--only csv,text,grid,filter,duplicates,training] [--runs 1] [--small] [--gpu] [--markdown]`: the Data room of the production
 * build in headless Chromium, used by its accessible names. Makes its files in a temporary folder, brings them in by "Add files", and prints one
 * line per figure. --small: small files, to see that everything works; --gpu: training on WebGPU too. See docs/benchmarks.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ensureBuilt } from "../scripts/setup.mjs";
import { showFigures } from "./data/room/figures.mjs";
import { measureGrid } from "./data/room/grid.mjs";
import { measureCsv, measureText } from "./data/room/imports.mjs";
import { measureDuplicates, measureFilter } from "./data/room/lookups.mjs";
import { measureTraining } from "./data/room/training.mjs";
import { loadAverage, othersBusy, readLoad } from "./load.mjs";

const { values } = parseArgs({
  options: { only: { type: "string" }, runs: { type: "string", default: "1" }, small: { type: "boolean", default: false }, gpu: { type: "boolean", default: false }, markdown: { type: "boolean", default: false } },
});
/** Everything but the table goes to standard error when the table is to be pasted. */
const say = values.markdown ? console.error : console.log;
const devices = /** @type {("cpu" | "gpu")[]} */ (values.gpu ? ["cpu", "gpu"] : ["cpu"]);
/** What is promised, or a twentieth of it and less. */
const size = (/** @type {number} */ whole, /** @type {number} */ small) => (values.small ? small : whole);

/** @type {Record<string, (folder: string) => Promise<import("./data/room/figures.mjs").Figure[]>>} */
const MEASUREMENTS = {
  csv: (folder) => measureCsv(folder, { rows: size(100_000, 5000) }),
  text: (folder) => measureText(folder, { bytes: size(1e9, 3e7) }),
  grid: (folder) => measureGrid(folder, { rows: size(1e6, 50_000), wheelMs: size(6000, 2000), places: size(12, 4) }),
  filter: (folder) => measureFilter(folder, { rows: size(100_000, 5000) }),
  duplicates: (folder) => measureDuplicates(folder, { rows: size(100_000, 5000), bytes: size(1e7, 1e6) }),
  training: (folder) => measureTraining(folder, { rows: size(100_000, 5000), phaseMs: size(10_000, 3000), devices }),
};

const chosen = values.only?.split(",") ?? Object.keys(MEASUREMENTS);
const unknown = chosen.find((name) => !(name in MEASUREMENTS));
if (unknown !== undefined) {
  console.error(`There is no measurement "${unknown}"; there are ${Object.keys(MEASUREMENTS).join(", ")}.`);
  process.exit(1);
}

await ensureBuilt();
const figures = [];
for (const name of chosen) {
  const own = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    const folder = mkdtempSync(join(tmpdir(), "descent-data-"));
    const before = readLoad();
    try {
      own.push(...((await MEASUREMENTS[name]?.(folder)) ?? []));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    say(`${name}, run ${run + 1} of ${values.runs}: others kept ${othersBusy(before, readLoad())?.toFixed(2) ?? "?"} processors busy, load ${loadAverage().toFixed(1)}`);
  }
  if (!values.markdown) say(`${showFigures(own, "lines")}\n`);
  figures.push(...own);
}
if (values.markdown) console.log(showFigures(figures, "markdown"));
