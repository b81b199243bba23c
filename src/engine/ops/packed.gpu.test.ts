/** Values stored as bf16 on the browser's GPU: rounding bit for bit, and ops that read and write them, against the evaluation of the same graph. */
import { afterAll, describe, expect, test } from "vitest";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { checkManyKernels } from "../testing/checkOp";
import type { OpCase } from "../testing/opCase";
import { casesOf } from "../testing/opCases";
import { withPackedInputs, withPackedOutputs } from "../testing/packedCases";
import { gpuRuntime, runOnGpu } from "../testing/runGraph";
import { packBfloat16, unpackBfloat16 } from "../wgsl/bfloat16";
import { pack } from "./pack";

afterAll(async () => (await gpuRuntime()).destroy());

test("every pattern of the upper 16 bits and of what lies around a tie is rounded as on the CPU", async () => {
  const lower = [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff];
  const words = Uint32Array.from({ length: 2 ** 16 * lower.length }, (_, i) => (Math.floor(i / lower.length) << 16) | lower[i % lower.length]!);
  const x = new Float32Array(words.buffer);
  const bits = new Uint16Array(x.length);
  packBfloat16(x, bits);
  const expected = new Float32Array(x.length);
  unpackBfloat16(bits, expected);
  const [actual] = await runOnGpu([pack(leaf("x", f32(x.length)))], { x });
  // A device may take subnormals for zero, on the way in or out.
  const isTiny = (value: number): boolean => Math.abs(value) < 2 ** -126;
  const wrong = [...expected.keys()].filter((i) => !Object.is(actual![i], expected[i]) && !(isTiny(x[i]!) && isTiny(actual![i]!)));
  expect(wrong.map((i) => `${words[i]!.toString(16)}: ${actual![i]} instead of ${expected[i]}`)).toEqual([]);
}, 60_000);

/** Of each op some cases, the last and largest ones. */
const PER_OP = 6;
const some = (...ops: readonly string[]): OpCase[] => ops.flatMap((op) => casesOf(op).filter(({ onGpu }) => onGpu).slice(-PER_OP));

const check = (cases: readonly OpCase[]): Promise<string[]> => checkManyKernels(cases, runOnGpu);

describe("ops over packed values", () => {
  const saved = some("matmul", "layerNorm", "rmsNorm", "attention", "embedding", "fusedElementwise", "gelu", "rotary", "dropout", "softmax", "reduceSum");
  test("read them", async () => expect(await check(saved.map(withPackedInputs))).toEqual([]), 300_000);
  test("write them", async () => expect(await check(saved.map(withPackedOutputs))).toEqual([]), 300_000);
});
