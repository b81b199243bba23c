/**
 * PyTorch as a contender, in a process of its own (torch_gpt.py). In: a place that answers questions. Out: a place that answers for PyTorch as well,
 * with the same problem as files. On the processor it has as many threads as there are cores.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { startPython } from "./python.mjs";

/** @typedef {import("./result").BenchPage} BenchPage */
/** @typedef {import("./result").WriteProblem} WriteProblem */

/** @param {BenchPage} bench @param {WriteProblem} writeProblem @param {"cpu" | "any"} device @returns {BenchPage} */
export function addTorch(bench, writeProblem, device) {
  /** @type {Parameters<BenchPage["prepare"]> | undefined} */
  let prepared;
  /** @type {ReturnType<typeof openTorch> | undefined} */
  let torch;
  return {
    describe: bench.describe,
    prepare(...problem) {
      prepared = problem;
      return bench.prepare(...problem);
    },
    start(name) {
      if (name !== "torch") return bench.start(name);
      if (!prepared) throw new Error("No problem was prepared.");
      const problem = prepared;
      torch = openTorch((folder) => writeProblem(folder, ...problem), device);
      return torch.ask({ ask: "start" }, 1);
    },
    ask(name, question) {
      if (name !== "torch") return bench.ask(name, question);
      if (!torch || question.ask !== "block") throw new Error(`PyTorch cannot be asked for "${question.ask}".`);
      return torch.ask(question, question.steps);
    },
    stop(name) {
      if (name !== "torch") return bench.stop(name);
      torch?.close();
      torch = undefined;
      return Promise.resolve();
    },
  };
}

/** @param {(folder: string) => ReturnType<WriteProblem>} write @param {"cpu" | "any"} device */
function openTorch(write, device) {
  const folder = mkdtempSync(join(tmpdir(), "descent-torch-"));
  const writeWindows = write(folder);
  const python = startPython("bench/torch_gpt.py", [folder, device, String(cpus().length)]);
  return {
    /** @param {object} question @param {number} steps */
    ask(question, steps) {
      writeWindows(steps);
      return python.ask(question);
    },
    close() {
      python.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
