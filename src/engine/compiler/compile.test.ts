import { describe, expect, it } from "vitest";
import { differentiate, differentiateSeeds } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { type Value, f32, sizeOf, u32 } from "../graph/value";
import { crossEntropy } from "../ops/crossEntropy";
import { dropout } from "../ops/dropout";
import { add, broadcastTo, gelu, multiply, scalar, square, subtract, tanh } from "../ops/elementwise";
import { layerNorm } from "../ops/layerNorm";
import { matmul } from "../ops/matmul/matmul";
import { reshape } from "../ops/movement";
import { sumAll } from "../ops/reduce";
import { openCpuRuntime } from "../runtime/cpu";
import { runOnCpu } from "../testing/runGraph";
import { compile } from "./compile";
import { buffersOf, countDispatches } from "./program";

const named = (outputs: readonly Value[]): { name: string; value: Value }[] => outputs.map((value, index) => ({ name: `y${index}`, value }));

function numbers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(i * 12.9898 + seed * 78.233) * 1.3);
}

describe("compile", () => {
  const x = leaf("x", f32(6, 8));
  const w = leaf("w", f32(4, 8));
  const bias = leaf("bias", f32(4));
  const residual = leaf("residual", f32(6, 4));
  const data = { x: numbers(48, 1), w: numbers(32, 2), bias: numbers(4, 3), residual: numbers(24, 4) };

  it("moves bias, activation and residual into the epilogue of the product", () => {
    const program = compile("linear", named([add(gelu(add(matmul(x, w, "NT"), bias)), residual)]));
    expect(countDispatches(program)).toBe(1);
    expect(program.kernels[0]!.label).toContain("gelu");
  });

  it("drops inside the kernels that make the numbers, and again in those that make their gradient", () => {
    const key = leaf("key", u32(2));
    const normed = layerNorm(x, leaf("gain", f32(8)), leaf("shift", f32(8)));
    const branch = dropout(add(matmul(normed, leaf("square", f32(8, 8)), "NT"), leaf("row", f32(8))), key, 0.1, 1);
    const y = dropout(add(x, branch), key, 0.1, 2);
    const labels = (outputs: readonly Value[]): string[] => compile("drop", named(outputs)).kernels.map((kernel) => kernel.label);
    const drops = "randomUniform atLeast multiply multiply";
    expect(labels([y])).toEqual(["layerNorm", `matmulNT(add ${drops} add ${drops})`]);
    // A gradient that arrives from outside is dropped by a kernel of its own; behind a norm it is not.
    const [dX] = differentiateSeeds([{ value: matmul(layerNorm(y, leaf("gain", f32(8))), w, "NT"), gradient: leaf("dY", f32(6, 4)) }], [x]);
    expect(labels([dX!]).filter((label) => label.startsWith("elementwise"))).toEqual([]);
  });

  it("runs forward and backward to the same numbers as the graph", async () => {
    const y = add(gelu(add(matmul(x, w, "NT"), bias)), residual);
    const loss = sumAll(square(y));
    const outputs = [loss, ...differentiate(loss, [x, w, bias, residual])];
    const expected = evaluate(outputs, data, "f64");
    const actual = await runOnCpu(outputs, data);
    actual.forEach((array, index) => array.forEach((number, i) => expect(number).toBeCloseTo(expected[index]![i]!, 3)));
  });

  it("computes a common subexpression once and drops +0, ×1 and explicit broadcasts", () => {
    const twice = (v: Value): Value => multiply(add(tanh(v), scalar(0)), scalar(1));
    const program = compile("cse", named([add(twice(residual), multiply(twice(residual), broadcastTo(bias, [6, 4])))]));
    expect(program.kernels.map((kernel) => kernel.label)).toEqual(["elementwise(tanh multiply add)"]);
  });

  it("keeps a chain apart when a detour through another kernel would close a circle", () => {
    const a = square(residual);
    const total = sumAll(a);
    const outputs = named([subtract(a, total)]);
    const program = compile("detour", outputs);
    expect(countDispatches(program)).toBe(3);
  });

  it("reuses the bytes of dead activations", () => {
    let value: Value = x;
    for (let i = 0; i < 20; i += 1) value = matmul(value, leaf(`m${i}`, f32(8, 8)));
    const program = compile("chain", named([value]));
    expect(program.slots.length).toBe(2);
  });

  it("copies a value that is wanted in two places, and a leaf that is an output", async () => {
    const y = square(residual);
    const [first, second, same] = await runOnCpu([y, reshape(y, [24]), residual], data);
    expect([...first!]).toEqual([...second!]);
    expect([...same!]).toEqual([...data.residual]);
  });

  it("puts a value and its reshape where each is wanted, also twice in one arena", async () => {
    const y = square(residual);
    const at = (arena: string, offset: number) => ({ arena, offset });
    for (const places of [[at("a", 0), at("b", 256)], [at("a", 0), at("a", 256)]] as const) {
      const program = compile("twice", [{ name: "y", value: y, storage: places[0] }, { name: "flat", value: reshape(y, [24]), storage: places[1] }]);
      const runtime = openCpuRuntime();
      const memory = await runtime.allocate(buffersOf([program]));
      memory.write(program.leaves["residual"]!.buffer, 0, new Float32Array(data.residual));
      runtime.record([await runtime.load(program, memory)]).run();
      for (const { arena, offset } of places) expect([...new Float32Array(await memory.read(arena, offset, 96))]).toEqual([...data.residual.map((number) => number * number)]);
    }
  });

  it("counts what a kernel binds: scalars that make a scalar, a matrix that is both factors", async () => {
    const scalars = Array.from({ length: 12 }, (_, i) => sumAll(square(leaf(`s${i}`, f32(3)))));
    const sum = scalars.reduce((a, b) => add(a, b));
    const [a, others] = [leaf("a", f32(4, 4)), Array.from({ length: 6 }, (_, i) => leaf(`o${i}`, f32(4, 4)))];
    const product = others.reduce((total, one) => add(total, one), matmul(a, a));
    const more = Object.fromEntries([...scalars.map((_, i) => [`s${i}`, numbers(3, i)] as const), ...others.map((_, i) => [`o${i}`, numbers(16, i)] as const)]);
    const given = { ...more, a: numbers(16, 9) };
    const expected = evaluate([sum, product], given);
    const actual = await runOnCpu([sum, product], given, { storageBuffers: 8 });
    actual.forEach((array, index) => array.forEach((number, i) => expect(number).toBeCloseTo(expected[index]![i]!, 4)));
  });

  it("binds several scalars as one stacked buffer", async () => {
    const scalars = Array.from({ length: 5 }, (_, i) => sumAll(square(leaf(`s${i}`, f32(3)))));
    const y = scalars.reduce((sum, one) => multiply(add(sum, one), residual), residual);
    const program = compile("scalars", named([y]));
    expect(program.steps.at(-1)!.inputs.length).toBe(2);
    const more = Object.fromEntries(scalars.map((_, i) => [`s${i}`, numbers(3, i)]));
    const [actual] = await runOnCpu([y], { ...data, ...more });
    const [expected] = evaluate([y], { ...data, ...more }, "f64");
    actual!.forEach((number, i) => expect(Math.abs(number - expected![i]!)).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected![i]!))));
  });

  it("updates an arena in place", () => {
    const place = { arena: "parameters", offset: 512 };
    const p = leaf("p", f32(64), place);
    const g = leaf("g", f32(64), { arena: "gradients", offset: 512 });
    const program = compile("update", [{ name: "p", value: subtract(p, multiply(g, scalar(0.1))), storage: place }]);
    expect(program.slots).toEqual([]);
    expect(program.steps[0]!.dispatches[0]!.ranges.map((range) => range.buffer)).toEqual(["gradients", "parameters"]);
    expect(sizeOf(program.outputs["p"]!.shape)).toBe(64);
  });

  it("reads what is updated in place before it is updated, however the graph was written", async () => {
    const place = { arena: "parameters", offset: 0 };
    const p = leaf("p", f32(4), place);
    const next = multiply(p, scalar(10));
    const program = compile("late", [{ name: "p", value: next, storage: place }, { name: "sum", value: sumAll(p) }]);
    const runtime = openCpuRuntime();
    const memory = await runtime.allocate(buffersOf([program]));
    memory.write("parameters", 0, new Float32Array(4).fill(1));
    runtime.record([await runtime.load(program, memory)]).run();
    expect(new Float32Array(await memory.read("output.sum", 0, 4))[0]).toBe(4);
    expect(() => compile("both", [{ name: "p", value: next, storage: place }, { name: "q", value: add(p, sumAll(next)) }])).toThrow("cycle");
  });
});

describe("kernels", () => {
  it("know the lengths of their arrays", () => {
    const x = leaf("x", f32(3, 4));
    const { kernels } = compile("test", [{ name: "y", value: tanh(add(x, leaf("b", f32(3, 1)))) }]);
    expect(kernels[0]!.code).toContain("x0: array<vec4f, 3>;");
    // Three numbers are bound as four: the planner rounds to 16 bytes.
    expect(kernels[0]!.code).toContain("x1: array<f32, 4>;");
  });

  it("write only what is read", () => {
    const [logits, targets] = [leaf("logits", f32(3, 4)), leaf("targets", u32(3))];
    const loss = sumAll(crossEntropy(logits, targets, 1 / 3));
    const labelsOf = (...values: Value[]): string[] => compile("test", values.map((value, index) => ({ name: `y${index}`, value }))).kernels.map(({ label }) => label);
    expect(labelsOf(loss)).toEqual(["crossEntropy(loss)", "reduceSum"]);
    // The gradient was made with the loss, and the 1 that arrives from the sum, spread over the rows, is not multiplied.
    expect(labelsOf(loss, ...differentiate(loss, [logits]))).toEqual(["crossEntropy", "reduceSum"]);
  });
});
