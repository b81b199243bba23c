/** The tuner on the browser's own GPU: it chooses for every class, and what it chose computes what the graph means. */
import { afterAll, expect, it } from "vitest";
import { compile } from "../compiler/compile";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { add, gelu } from "../ops/elementwise";
import { layerNorm } from "../ops/layerNorm";
import { matmul } from "../ops/matmul/matmul";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";
import { tune } from "./tune";

afterAll(async () => (await gpuRuntime()).destroy());

const numbers = (size: number, seed: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));

it("chooses a variant for every class of work, and what it chose computes what the graph means", async () => {
  const runtime = await gpuRuntime();
  const [rows, width, hidden] = [256, 64, 128];
  const x = leaf("x", f32(rows, width));
  const h = layerNorm(x, leaf("gain", f32(width)), leaf("bias", f32(width)));
  const a = gelu(add(matmul(h, leaf("w", f32(hidden, width)), "NT"), leaf("b", f32(hidden))));
  const outputs = [matmul(a, leaf("v", f32(hidden, width)), "NN"), matmul(a, h, "TN")];
  const data = { x: numbers(rows * width, 1), gain: numbers(width, 2), bias: numbers(width, 3), w: numbers(hidden * width, 4), b: numbers(hidden, 5), v: numbers(hidden * width, 6) };
  const program = compile("layer", outputs.map((value, index) => ({ name: String(index), value })), runtime.target);

  const begin = performance.now();
  const lines: string[] = [];
  const { choices } = await tune({
    runtime,
    workloads: [{ program, runs: 1 }],
    onMeasured: (key, seconds) => lines.push(`${key}: ${[...seconds].map(([variant, time]) => `${variant} ${(1000 * time).toFixed(3)} ms`).join(", ")}`),
  });
  console.info(`Tuned in ${(performance.now() - begin).toFixed(0)} ms.\n${lines.join("\n")}\n${JSON.stringify(choices)}`);
  expect(Object.keys(choices).map((key) => key.split(" ")[0])).toEqual(expect.arrayContaining(["matmul", "rows"]));

  const expected = evaluate(outputs, data);
  const actual = await runOnGpu(outputs, data, { choices });
  actual.forEach((array, index) => {
    const scale = Math.max(...Array.from(expected[index]!, Math.abs));
    const worst = Math.max(...Array.from(array, (value, at) => Math.abs(value - expected[index]![at]!)));
    expect(worst / scale).toBeLessThan(1e-5);
  });
});
