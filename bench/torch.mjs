/**
 * PyTorch beside Descent, on the same machine. In: a prepared problem. Out: its times, after its first losses were compared with
 * Descent's. f32 throughout: TF32 is turned off, as it is no f32.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Problem } from "../scripts/problem.mjs";
import { runProgram } from "../scripts/process.mjs";

/** @typedef {{ losses: number[], milliseconds: number[], device: string, version: string }} TorchResult */

const STEPS = 24;

/** @param {import("./result").NodeBench} bench @param {readonly number[]} losses Descent's. @returns {Promise<TorchResult & { gap: number }>} */
export async function runTorch(bench, losses) {
  const folder = mkdtempSync(join(tmpdir(), "descent-torch-"));
  try {
    await bench.write(folder, STEPS);
    const { code, output } = await runProgram("python3", ["bench/torch_gpt.py", folder], { capture: true });
    const line = output.trim().split("\n").at(-1) ?? "";
    if (code !== 0) throw new Problem(`PyTorch could not be run: ${line}`, "Install it with `pip install torch`, or leave --torch out.");
    const result = /** @type {TorchResult} */ (JSON.parse(line));
    const gap = Math.max(...losses.map((loss, step) => Math.abs((result.losses[step] ?? NaN) - loss) / loss));
    return { ...result, gap };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
