/** Attention on the CPU: that it has kernels there, and that they are right where tiles, chunks and parts of the keys begin and end. */
import { expect, test } from "vitest";
import { type Op, opNamed } from "../../graph/op";
import { type Attributes, type TensorType, f32 } from "../../graph/value";
import { attentionCase, sizesOf } from "../../testing/cases/attention";
import { checkManyKernels } from "../../testing/checkOp";
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
