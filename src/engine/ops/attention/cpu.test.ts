/** Attention on the CPU: that it has kernels there, and that they are right where tiles, chunks and parts of the keys begin and end. */
import { expect, test } from "vitest";
import { type Op, opNamed } from "../../graph/op";
import { type Attributes, type TensorType, f32, sizeOf } from "../../graph/value";
import { attentionCase, sizesOf } from "../../testing/cases/attention";
import { checkManyKernels } from "../../testing/checkOp";
import { numbers } from "../../testing/opCase";
import { runBlocks } from "../../testing/runBlocks";
import { runOnCpu } from "../../testing/runGraph";
import "../kvCache";
import "../rotary";

const check = (cases: readonly ReturnType<typeof attentionCase>[]): Promise<string[]> => checkManyKernels(cases, (outputs, data) => runOnCpu(outputs, data));

const phasesOf = (name: string, inputTypes: readonly TensorType[], outputTypes: readonly TensorType[], attributes: Attributes, fma: boolean): number => {
  const op: Op = opNamed(name);
  return op.lowerCpu?.({ inputTypes, outputTypes, attributes, fma })?.phases.length ?? 0;
};

test("every op of attention has a kernel, with and without a fused instruction", () => {
  for (const fma of [true, false]) for (const [B, T, heads, keyValueHeads, headSize] of [[8, 128, 4, 4, 32], [4, 256, 6, 6, 64], [1, 1024, 8, 2, 128], [2, 37, 3, 1, 5]] as const) {
    const attributes = { heads, keyValueHeads, headSize, causal: true };
    const [qkv, y, lse] = [f32(B, T, (heads + 2 * keyValueHeads) * headSize), f32(B, T, heads * headSize), f32(B, heads, T)];
    const lengths: TensorType = { shape: [B], dtype: "u32" };
    const padded = { ...attributes, padded: true };
    expect(phasesOf("attention", [qkv], [y, lse], attributes, fma)).toBeGreaterThan(0);
    expect(phasesOf("attentionPadded", [qkv, lengths], [y, lse], padded, fma)).toBeGreaterThan(0);
    expect(phasesOf("attentionBackward", [qkv, y, lse, y], [qkv], attributes, fma)).toBeGreaterThan(0);
    expect(phasesOf("attentionPaddedBackward", [qkv, lengths, y, lse, y], [qkv], padded, fma)).toBeGreaterThan(0);
    const [cache, position]: TensorType[] = [f32(T, 2 * keyValueHeads * headSize), { shape: [1], dtype: "u32" }];
    expect(phasesOf("cachedAttention", [f32(1, qkv.shape[2]!), cache!, position!], [f32(1, y.shape[2]!), cache!], attributes, fma)).toBeGreaterThan(0);
    const angles = f32(T, headSize / 2);
    expect(phasesOf("rotary", [qkv, angles, angles], [qkv], attributes, fma)).toBeGreaterThan(0);
    expect(phasesOf("rotaryBackward", [angles, angles, qkv], [qkv], attributes, fma)).toBeGreaterThan(0);
  }
});

/** B, T, H, K, D: one part of the keys and several, whole and cut tiles, panels, chunks; heads that share keys. */
const SIZES = ([[1, 128, 2, 2, 16], [1, 131, 2, 1, 32], [1, 150, 1, 1, 64], [1, 97, 2, 1, 128], [1, 300, 2, 1, 12], [17, 49, 1, 1, 8], [16, 61, 1, 1, 20]] as const).map(sizesOf);

test("long sequences", async () => {
  expect(await check(SIZES.flatMap((sizes) => (["causal", "full"] as const).map((kind) => attentionCase(sizes, { kind }))))).toEqual([]);
}, 120_000);

test("long sequences of different lengths", async () => {
  const padded = ([[[3, 128, 2, 1, 16], [1, 60, 128]], [[4, 110, 1, 1, 32], [0, 48, 51, 109]], [[18, 50, 1, 1, 8], Array.from({ length: 18 }, (_, i) => 3 * i)]] as const).map(([sizes, lengths]) => [sizesOf(sizes), lengths] as const);
  expect(await check(padded.flatMap(([sizes, lengths]) => (["causal", "full"] as const).map((kind) => attentionCase(sizes, { kind, lengths }))))).toEqual([]);
}, 120_000);

/** B, T, H, K, D: several blocks in each phase, small ones together too. */
const BLOCKED = [[1, 200, 4, 2, 20], [3, 40, 2, 1, 8], [40, 13, 2, 2, 5]] as const;

test("blocks in any order leave the same bytes, and nothing behind an output", () => {
  for (const [B, T, heads, keyValueHeads, headSize] of BLOCKED) for (const lengths of [undefined, Uint32Array.from({ length: B }, (_, b) => (b * 7 + 30) % (T + 1))]) {
    const attributes = { heads, keyValueHeads, headSize, causal: true, ...(lengths ? { padded: true } : {}) };
    const [qkv, y, lse] = [f32(B, T, (heads + 2 * keyValueHeads) * headSize), f32(B, T, heads * headSize), f32(B, heads, T)];
    const [given, flow] = [Float32Array.from(numbers(5, qkv.shape)), Float32Array.from(numbers(6, y.shape))];
    const own = lengths ? [given, lengths] : [given];
    const types = lengths ? [qkv, { shape: [B], dtype: "u32" } as const] : [qkv];
    const name = lengths ? "attentionPadded" : "attention";
    const forward = opNamed(name).lowerCpu!({ inputTypes: types, outputTypes: [y, lse], attributes, fma: false })!;
    const [made, again] = (["up", "down"] as const).map((order) => runBlocks({ kernel: forward, inputs: own, outputs: [sizeOf(y.shape), sizeOf(lse.shape)], order }));
    expect(again).toEqual(made);
    const backward = opNamed(`${name}Backward`).lowerCpu!({ inputTypes: [...types, y, lse, y], outputTypes: [qkv], attributes, fma: false })!;
    const [gradient, gradientAgain] = (["up", "down"] as const).map((order) => runBlocks({ kernel: backward, inputs: [...own, ...made!, flow], outputs: [sizeOf(qkv.shape)], order }));
    expect(gradientAgain).toEqual(gradient);
    expect([...made!, ...gradient!].flatMap((array) => [...array]).every(Number.isFinite)).toBe(true);
    expect(Math.min(...forward.phases.map(({ blocks }) => blocks), backward.phases[0]!.blocks)).toBeGreaterThan(1);
  }
});
