/** The command line of the benchmark. In: its words. Out: what to measure, or a `Problem` that says what was not understood. */
import { parseArgs } from "node:util";
import { Problem } from "../scripts/problem.mjs";
import { PEERS } from "./contenders.mjs";

const USAGE = `Usage: npm run bench -- [options]
  --sizes xs,s,m     which sizes: xs, s, m, l, and in Node xl (default xs,s,m)
  --peers jax,…      whom to compare with, of jax, tfjs, descent-cpu, jax-wasm, tfjs-wasm (default all; at L not TensorFlow.js)
  --only descent     nobody
  --steps N          time at most N updates of each
  --batch N          another batch size than the size's own
  --runs N           the whole run N times
  --resume FILE      go on with a results file: sizes it has are not measured again
  --markdown         the tables alone on standard output
  --kernels          instead: the time of each kernel and its share of the roofline
  --generate         instead: tokens per second, one after another with the cache
  --page             instead: how smooth the studio's own page is while it trains, and what encoding takes of a step
  --cpu              only what computes on the processor: descent-cpu, jax-wasm, tfjs-wasm
  --node             Descent alone through Dawn, without a browser; VK_DRIVER_FILES names a driver
  --torch            PyTorch too (python3 with torch): on the processor, with --node on a GPU where it finds one`;
const SIZES = ["xs", "s", "m", "l"];
const NODE_SIZES = [...SIZES, "xl"];
const MODES = /** @type {const} */ (["kernels", "generate", "page"]);

const OPTIONS = /** @type {const} */ ({
  sizes: { type: "string", default: "xs,s,m" },
  peers: { type: "string" },
  only: { type: "string" },
  steps: { type: "string", default: "4000" },
  batch: { type: "string" },
  runs: { type: "string", default: "1" },
  resume: { type: "string" },
  markdown: { type: "boolean", default: false },
  kernels: { type: "boolean", default: false },
  generate: { type: "boolean", default: false },
  page: { type: "boolean", default: false },
  cpu: { type: "boolean", default: false },
  node: { type: "boolean", default: false },
  torch: { type: "boolean", default: false },
});

/** @typedef {"train" | "kernels" | "generate" | "page"} Mode */
/**
 * @typedef {object} Options
 * @property {import("./sizes").SizeName[]} sizes
 * @property {readonly import("./result").ContenderName[] | undefined} peers Undefined: whoever is usual at a size.
 * @property {number} steps
 * @property {number | undefined} batch
 * @property {number} runs
 * @property {string | undefined} resume
 * @property {boolean} isMarkdown
 * @property {Mode} mode
 * @property {"chromium" | "chromium without WebGPU" | "node"} host
 * @property {boolean} hasTorch
 */

/** @param {string[]} words @returns {Options} */
export function readOptions(words) {
  const values = parseWords(words);
  const others = MODES.filter((mode) => values[mode]);
  if (values.only !== undefined && values.only !== "descent") throw new Problem(`--only takes "descent", not "${values.only}".`, USAGE);
  if (values.torch && others.length > 0) throw new Problem(`--torch trains beside Descent, and --${others[0]} measures something else.`, USAGE);
  if (others.length > 1) throw new Problem(`--${others.join(" and --")} are ${others.length} measurements; ask for one.`, USAGE);
  if (values.page && values.node) throw new Problem("--page measures a page, and there is none with --node.", USAGE);
  if (values.resume !== undefined && count(values.runs, "runs") > 1) throw new Problem("--resume goes on with one run; leave --runs out.", USAGE);
  if (values.cpu && values.node) throw new Problem("--cpu measures in a browser, and there is none with --node.", USAGE);
  const host = values.node ? "node" : values.cpu ? "chromium without WebGPU" : "chromium";
  const peers = values.only !== undefined ? [] : values.peers === undefined ? undefined : choose(values.peers, PEERS[host], "peer");
  return {
    sizes: /** @type {Options["sizes"]} */ (choose(values.sizes, values.node ? NODE_SIZES : SIZES, "size")),
    peers: /** @type {Options["peers"]} */ (peers),
    steps: count(values.steps, "steps"),
    batch: values.batch === undefined ? undefined : count(values.batch, "batch"),
    runs: count(values.runs, "runs"),
    resume: values.resume,
    isMarkdown: values.markdown,
    mode: others[0] ?? "train",
    host,
    hasTorch: values.torch,
  };
}

/** @param {string[]} words */
function parseWords(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS }).values;
  } catch (error) {
    throw new Problem(`The arguments were not understood: ${/** @type {Error} */ (error).message.split(". ")[0]}.`, USAGE);
  }
}

/** @param {string} list @param {readonly string[]} known @param {string} what */
function choose(list, known, what) {
  const chosen = list.split(",");
  const unknown = chosen.find((one) => !known.includes(one));
  if (unknown !== undefined) throw new Problem(`There is no ${what} "${unknown}" here; there ${known.length > 0 ? `are ${known.join(", ")}` : "is none"}.`, USAGE);
  return chosen;
}

/** @param {string} text @param {string} what */
function count(text, what) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Problem(`The ${what} must be a whole number from 1, not "${text}".`, USAGE);
  return number;
}
