/**
 * `node --expose-gc bench/data/csv.mjs [--rows 100000] [--bytes 500] [--rounds 5]`: a CSV of that many rows of about that many bytes (a number, a label,
 * quoted text with delimiters, quotes and accents), imported as the product does, types inferred, rows let go. Out: milliseconds to the first rows and
 * to the last (medians of the rounds), seconds of the processor, which a busy machine changes less, and how far the heap grew beyond the file.
 */
import { Blob, File } from "node:buffer";
import { parseArgs } from "node:util";
import { loadAverage } from "../load.mjs";
import { bundle, makeTexts } from "./bundle.mjs";

const { values } = parseArgs({ options: { rows: { type: "string", default: "100000" }, bytes: { type: "string", default: "500" }, rounds: { type: "string", default: "5" } } });
const rows = Number(values.rows);
const { importData } = await bundle("src/data/importing/importData.ts");

function makeFile() {
  const { texts, random } = makeTexts(1000, Math.max(1, Math.round(Number(values.bytes) / 6)));
  const parts = ["id,label,score,text\n"];
  for (let row = 0; row < rows; row += 1000) {
    const lines = texts.slice(0, rows - row).map((text, index) => `${row + index},${random() < 0.2 ? "spam" : "ham"},${random().toFixed(4)},"${text}, ""é"""\n`);
    parts.push(lines.join(""));
  }
  return new File([new Blob(parts)], "rows.csv");
}

const file = makeFile();

async function importOnce() {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const before = process.cpuUsage();
  const begun = performance.now();
  let [first, peak, count] = [0, 0, 0];
  const writer = {
    columns: () => undefined,
    restart: () => undefined,
    /** @param {unknown} _ @param {number} given */
    rows(_, given) {
      first ||= performance.now() - begun;
      count += given;
      peak = Math.max(peak, process.memoryUsage().heapUsed - heap);
    },
  };
  const { columns } = await importData({ sources: [{ kind: "file", file }], name: "rows", onProblems: "keep" }, writer, {});
  const { user, system } = process.cpuUsage(before);
  const types = columns.map((/** @type {{ type: string }} */ { type }) => type).join(" ");
  if (count !== rows || types !== "integer category number text") throw new Error(`${count} rows of ${rows}, ${types}`);
  return { first, total: performance.now() - begun, processor: (user + system) / 1e6, peak };
}

/** @param {number[]} figures */
const median = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1] ?? NaN;

const results = [];
for (let round = 0; round < Number(values.rounds); round++) results.push(await importOnce());
const of = (/** @type {"first" | "total" | "processor" | "peak"} */ key) => median(results.map((one) => one[key]));
console.log(`${rows.toLocaleString("en")} rows, ${(file.size / 1e6).toFixed(1)} MB: first rows ${of("first").toFixed(0)} ms, all ${of("total").toFixed(0)} ms, ${of("processor").toFixed(2)} s of the processor, heap +${(of("peak") / 2 ** 20).toFixed(0)} MiB at most; load ${loadAverage()}`);
