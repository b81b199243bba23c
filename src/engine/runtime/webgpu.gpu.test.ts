import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../compiler/compile";
import { buffersOf } from "../compiler/program";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { add, gelu, multiply, scalar, square, subtract } from "../ops/elementwise";
import { matmul } from "../ops/matmul/matmul";
import { stack } from "../ops/movement";
import { sumAll } from "../ops/reduce";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";

function numbers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233));
}

describe("the WebGPU runtime", () => {
  afterAll(async () => (await gpuRuntime()).destroy());

  it("runs a fused layer and its gradients to the numbers of the graph", async () => {
    const [x, w, bias] = [leaf("x", f32(37, 24)), leaf("w", f32(21, 24)), leaf("bias", f32(21))];
    const loss = sumAll(square(gelu(add(matmul(x, w, "NT"), bias))));
    const outputs = [loss, ...differentiate(loss, [x, w, bias])];
    const data = { x: numbers(37 * 24, 1), w: numbers(21 * 24, 2), bias: numbers(21, 3) };
    const expected = evaluate(outputs, data);
    const actual = await runOnGpu(outputs, data);
    actual.forEach((array, index) => {
      const scale = Math.max(...expected[index]!.map(Math.abs));
      array.forEach((value, i) => expect(Math.abs(value - expected[index]![i]!)).toBeLessThan(2e-6 * scale));
    });
  });

  it("updates in place, run after run, and keeps one watched row per run", async () => {
    const runtime = await gpuRuntime();
    const place = { arena: "parameters", offset: 0 };
    const p = leaf("p", f32(100), place);
    const next = subtract(p, multiply(p, scalar(0.5)));
    const program = compile(
      "halve",
      [{ name: "p", value: next, storage: place }, { name: "metrics", value: stack([sumAll(leaf("before", f32(100), { arena: "copy", offset: 0 }))]), storage: { arena: "metrics", offset: 0 } }],
      runtime.target,
    );
    const memory = await runtime.allocate(buffersOf([program]));
    memory.write("parameters", 0, new Float32Array(100).fill(1024));
    memory.write("copy", 0, new Float32Array(100).fill(2));
    const recording = runtime.record([await runtime.load(program, memory)], { buffer: "metrics", offset: 0, bytes: 16 });
    for (let i = 0; i < 150; i += 1) {
      recording.run();
      if (i === 9) expect(new Float32Array(await memory.read("parameters", 0, 400))[99]).toBe(1);
      await recording.pace();
    }
    const rows = await recording.collect();
    expect(rows.length).toBe(150 * 4);
    expect(rows.filter((_, i) => i % 4 === 0)).toEqual(new Float32Array(150).fill(200));
    recording.destroy();
    memory.destroy();
  });

  it("says which kernel was refused and why", async () => {
    const runtime = await gpuRuntime();
    const program = compile("broken", [{ name: "y", value: square(leaf("x", f32(4))) }], runtime.target);
    const memory = await runtime.allocate(buffersOf([program]));
    const mangled = { ...program, kernels: program.kernels.map((kernel) => ({ ...kernel, code: `${kernel.code}\nlet` })) };
    await expect(runtime.load(mangled, memory)).rejects.toThrow(/elementwise\(square\)/);
    memory.destroy();
  });
});
