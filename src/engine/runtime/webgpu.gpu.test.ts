import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../compiler/compile";
import { buffersOf, countDispatches } from "../compiler/program";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { add, gelu, multiply, scalar, square, subtract } from "../ops/elementwise";
import { matmul } from "../ops/matmul/matmul";
import { stack } from "../ops/movement";
import { sumAll } from "../ops/reduce";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";
import { openDevice } from "./device";
import { openWebGpuRuntime } from "./webgpu";

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

  it("cut into many submits and its dispatches into pieces, a run leaves the same bits", async () => {
    const open = (await openDevice(navigator.gpu))!;
    const [place, to] = [{ arena: "parameters", offset: 0 }, { arena: "products", offset: 0 }];
    const p = leaf("p", f32(96, 96), place);
    const [a, b] = [leaf("a", f32(96, 96), { arena: "a", offset: 0 }), leaf("b", f32(96, 96), { arena: "b", offset: 0 })];
    const product = gelu(matmul(a, b, "NT"));
    const outputs = [
      { name: "p", value: add(multiply(p, scalar(0.75)), scalar(0.3)), storage: place },
      { name: "product", value: product, storage: to },
      { name: "metrics", value: stack([sumAll(square(product))]), storage: { arena: "metrics", offset: 0 } },
    ];
    const program = compile("turn", outputs, open.target);
    const results: ArrayBuffer[] = [];
    const submits: number[] = [];
    for (const limit of [1e9, 1e-6]) {
      const runtime = openWebGpuRuntime(open, { submitMs: limit, wholeMs: limit, dispatchMs: limit });
      const memory = await runtime.allocate(buffersOf([program]));
      for (const [seed, buffer] of ["parameters", "a", "b"].entries()) memory.write(buffer, 0, Float32Array.from(numbers(96 * 96, seed)));
      const recording = runtime.record([await runtime.load(program, memory)], { buffer: "metrics", offset: 0, bytes: 16 });
      // Both make the same number of runs; the second is waited for until its pieces have been compiled.
      for (let i = 0; i < 60; i += 1) {
        recording.run();
        await memory.read("metrics", 0, 16);
        if (i < 40 && i > 5 && limit < 1) await new Promise((resolve) => setTimeout(resolve, recording.submits > recording.dispatches ? 0 : 50));
      }
      results.push(await memory.read("parameters", 0, 96 * 96 * 4), await memory.read("products", 0, 96 * 96 * 4), (await recording.collect()).slice().buffer);
      submits.push(recording.submits);
      expect(recording.dispatches).toBe(countDispatches(program));
      recording.destroy();
      memory.destroy();
    }
    expect(submits[0]).toBe(1);
    expect(submits[1]).toBeGreaterThan(countDispatches(program));
    for (const i of [0, 1, 2]) expect(new Uint32Array(results[3 + i]!)).toEqual(new Uint32Array(results[i]!));
    expect(new Set(new Uint32Array(results[1]!)).size).toBeGreaterThan(1000);
    open.device.destroy();
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
