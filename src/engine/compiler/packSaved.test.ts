import { describe, expect, it } from "vitest";
import { differentiate } from "../graph/differentiate";
import { evaluate } from "../graph/evaluate";
import { leaf } from "../graph/leaf";
import { type Value, f32 } from "../graph/value";
import { attention } from "../ops/attention/attention";
import { add, gelu, multiply, scalar, square, tanh } from "../ops/elementwise";
import { layerNorm } from "../ops/layerNorm";
import { matmul } from "../ops/matmul/matmul";
import { reshape } from "../ops/movement";
import { sumAll } from "../ops/reduce";
import { takeRows } from "../ops/rowViews";
import { softmax } from "../ops/softmax";
import { openCpuRuntime } from "../runtime/cpu";
import { numbers } from "../testing/opCase";
import { BASE_TARGET, type Output, compile } from "./compile";
import { type Program, buffersOf, countDispatches } from "./program";

const [ROWS, WIDTH] = [64, 16];
const x = leaf("x", f32(ROWS, WIDTH));
const [w, v, gain, bias] = [leaf("w", f32(WIDTH, WIDTH)), leaf("v", f32(WIDTH, WIDTH)), leaf("gain", f32(WIDTH)), leaf("bias", f32(WIDTH))];
const leaves = [w, v, gain, bias];

/** Loss and gradients of what a forward pass makes; a softmax ends it, because nothing fuses with that. */
function programOf(output: Value, by: readonly Value[] = leaves, target = BASE_TARGET): { readonly plain: Program; readonly packed: Program } {
  const hidden = softmax(output);
  const loss = sumAll(square(hidden));
  const outputs = [loss, ...differentiate(loss, by)].map((value, index): Output => ({ name: `y${index}`, value }));
  return { plain: compile("test", outputs, target), packed: compile("test", outputs, target, { packBefore: hidden }) };
}

/** Every value that is stored packed: the op that makes it, and whether it also stores it as f32. */
const packedOf = ({ steps }: Program): string[] =>
  steps.flatMap(({ op, outputs, dispatches }) => outputs.flatMap(({ packed }) => (packed && dispatches.length > 0 ? [`${op}${outputs.some((other) => !other.packed) ? " beside f32" : ""}`] : [])));

const readsPacked = ({ steps }: Program): string[] => steps.filter(({ inputs, dispatches }) => dispatches.length > 0 && inputs.some(({ packed }) => packed)).map(({ op }) => op);

const linear = (input: Value, weight: Value): Value => matmul(input, weight, "NT");

describe("packSaved", () => {
  it("has the kernel that makes a saved value store it packed, for everybody", () => {
    const { plain, packed } = programOf(linear(gelu(add(linear(x, w), bias)), v));
    // The sum before the activation for its slope, and the activation for the second weight's gradient: one kernel stores both.
    expect(packedOf(packed)).toEqual(["matmul", "matmul"]);
    expect(readsPacked(packed)).toEqual(["matmul", "matmul", "matmul"]);
    expect(countDispatches(packed)).toBe(countDispatches(plain));
  });

  it("keeps a residual's bits in the forward pass, and gives the backward pass a twin from the same kernel", () => {
    const residual = add(linear(x, w), x);
    const { plain, packed } = programOf(linear(add(linear(residual, v), residual), w));
    expect(packedOf(packed)).toContain("matmul beside f32");
    const forward = packed.steps.find(({ inputs, outputs }) => inputs.length === 3 && outputs.length === 2)!;
    expect(forward.outputs.map((output) => output.packed ?? false)).toEqual([false, true]);
    expect(countDispatches(packed)).toBe(countDispatches(plain));
  });

  it("makes the twin with a kernel of its own where the maker has no epilogue, or no buffer left for it", () => {
    const mixed = softmax(x);
    const forward = linear(multiply(linear(mixed, w), mixed), v);
    const { plain, packed } = programOf(forward);
    expect(countDispatches(packed)).toBe(countDispatches(plain) + 1);
    expect(packedOf(packed)).toContain("pack");
    const few = programOf(linear(add(linear(add(linear(x, w), x), v), add(linear(x, w), x)), w), leaves, { ...BASE_TARGET, storageBuffers: 4 });
    expect(packedOf(few.packed)).toContain("pack");
  });

  it("leaves statistics, small values, and what is read in parts as they are", () => {
    const normed = programOf(linear(layerNorm(x, gain, bias), w)).packed.steps.find(({ op }) => op === "layerNorm")!;
    expect(normed.outputs.map((output) => output.packed ?? false)).toEqual([true, false]);
    const [wide, out] = [leaf("wide", f32(96, 8)), leaf("out", f32(4, 32))];
    const qkv = reshape(linear(leaf("tokens", f32(64, 8)), wide), [1, 64, 96]);
    // A log-sum for each head of one number: as many as attention gives.
    const mixed = reshape(attention(qkv, { heads: 32, keyValueHeads: 32, headSize: 1 }, "causal"), [64, 32]);
    const attending = programOf(linear(mixed, out), [out, wide]).packed.steps.find(({ op }) => op === "attention")!;
    expect(attending.outputs.map((output) => output.packed ?? false)).toEqual([true, false]);
    const small = leaf("small", f32(15, 16));
    expect(packedOf(programOf(linear(gelu(linear(small, w)), v)).packed)).toEqual([]);
    const parts = gelu(linear(x, w));
    expect(packedOf(programOf(add(linear(takeRows(parts, 0, 32), v), linear(takeRows(parts, 32, 32), v))).packed)).toEqual(["matmul beside f32"]);
  });

  it("gives the gradients of the graph whose saved values are rounded", async () => {
    const residual = add(linear(x, w), x);
    const hidden = linear(add(linear(gelu(add(linear(layerNorm(residual, gain, bias), v), bias)), w), residual), v);
    const loss = sumAll(multiply(square(tanh(hidden)), scalar(0.1)));
    const outputs = [loss, ...differentiate(loss, leaves)];
    const data = { x: numbers(1, [ROWS, WIDTH]), w: numbers(2, [WIDTH, WIDTH]).map((n) => n / 4), v: numbers(3, [WIDTH, WIDTH]).map((n) => n / 4), gain: numbers(4, [WIDTH]), bias: numbers(5, [WIDTH]) };
    const expected = evaluate(outputs, data);
    const program = compile("test", outputs.map((value, index) => ({ name: `y${index}`, value })), BASE_TARGET, { packBefore: hidden });
    expect(packedOf(program).length).toBeGreaterThan(3);
    const runtime = openCpuRuntime();
    const memory = await runtime.allocate(buffersOf([program]));
    for (const [name, { buffer, offset }] of Object.entries(program.leaves)) memory.write(buffer, offset, Float32Array.from(data[name as keyof typeof data]));
    runtime.record([await runtime.load(program, memory)]).run();
    for (const [index, array] of expected.entries()) {
      const { buffer, offset } = program.outputs[`y${index}`]!;
      const actual = new Float32Array(await memory.read(buffer, offset, array.length * 4));
      const length = Math.hypot(...array);
      const error = Math.hypot(...array.map((number, i) => number - actual[i]!));
      // A rounding is off by at most 2^-9 of a number; sums of many average that out.
      expect(error).toBeLessThan(2 ** -8 * length);
      expect(error).toBeGreaterThan(0);
    }
  });
});
