/** Variants that compute in less than f32: taken where they are clearly faster and give the same numbers, and never unmeasured. */
import { describe, expect, it } from "vitest";
import { BASE_TARGET, compile } from "../compiler/compile";
import { type Program, buffersOf } from "../compiler/program";
import { leaf } from "../graph/leaf";
import type { Target } from "../graph/op";
import { f32 } from "../graph/value";
import { matmul } from "../ops/matmul/matmul";
import { square } from "../ops/elementwise";
import { EngineError, type Runtime } from "../runtime/runtime";
import { type FakeTimes, openFakeDevice } from "../testing/fakeDevice";
import { errorBetween } from "./agreement";
import { collectClasses } from "./classes";
import { tune } from "./tune";

const HALF: Target = { ...BASE_TARGET, f16: true };
const product = (rows: number, columns: number) => matmul(leaf(`a${rows}`, f32(rows, 96)), leaf(`b${columns}`, f32(columns, 96)), "NT");
const workloads = [{ program: compile("products", [{ name: "large", value: product(1024, 1024) }, { name: "small", value: product(16, 64) }], HALF), runs: 1 }];
const [large, small] = collectClasses(workloads).map(({ key }) => key) as [string, string];
const isHalf = ({ kernels }: Program): boolean => kernels[0]!.code.includes("enable f16");

const precisionOf = (variant: string | undefined): string => (variant?.endsWith("/f16") ? "f16" : "f32");

async function choicesOn(times: Partial<FakeTimes>): Promise<{ large: string; small: string }> {
  const { runtime, clock } = openFakeDevice({ msOf: (program) => (isHalf(program) ? 1 : 2), compileMs: 1, target: HALF, ...times });
  const { choices } = await tune({ runtime, clock, workloads });
  return { large: precisionOf(choices[large]), small: precisionOf(choices[small]) };
}

const exact = { large: "f32", small: "f32" };
const half = { large: "f16", small: "f16" };

describe("a variant in f16", () => {
  it("is taken where it is a tenth faster and gives the numbers", async () => {
    expect(await choicesOn({})).toEqual(half);
    expect(await choicesOn({ numberOf: (program) => (isHalf(program) ? 1 + 2 ** -10 : 1) })).toEqual(half);
  });

  it("is not taken for less than a tenth", async () => {
    expect(await choicesOn({ msOf: (program) => (isHalf(program) ? 1.9 : 2) })).toEqual(exact);
  });

  it("is not taken where its numbers are others, or none", async () => {
    for (const wrong of [1.01, 0, Infinity, Number.NaN]) expect(await choicesOn({ numberOf: (program) => (isHalf(program) ? wrong : 1) })).toEqual(exact);
  });

  it("is not inherited by a class that could not be measured", async () => {
    const { runtime, clock } = openFakeDevice({ msOf: (program) => (isHalf(program) ? 1 : 2), compileMs: 1, target: HALF });
    const load: Runtime["load"] = (program, memory) =>
      program.outputs["y0"]!.shape[0] === 16 ? Promise.reject(new EngineError("kernel-refused", "no")) : runtime.load(program, memory);
    const { choices } = await tune({ runtime: { ...runtime, load }, clock, workloads });
    expect({ large: precisionOf(choices[large]), small: precisionOf(choices[small]) }).toEqual({ large: "f16", small: "f32" });
  });

  it("does not exist for a target without f16", async () => {
    expect(await choicesOn({ target: BASE_TARGET })).toEqual(exact);
  });
});

describe("errorBetween", () => {
  /** Two programs over the same buffers that write 3, one by one third of the way, and 3 + error. */
  async function errorOf(error: number, share: number): Promise<number> {
    const program = compile("one", [{ name: "y", value: square(leaf("x", f32(300))) }]);
    const other = { ...program, name: "other" };
    const { runtime } = openFakeDevice({ msOf: () => 1, compileMs: 1, numberOf: ({ name }) => (name === "other" ? 3 + error : 3) });
    const memory = await runtime.allocate(buffersOf([program]));
    const partly = { ...program, outputs: { y: { ...program.outputs["y"]!, bytes: share } } };
    return errorBetween(program, { ...other, outputs: partly.outputs }, memory, runtime);
  }

  it("is a share of the numbers, of those that both wrote", async () => {
    expect(await errorOf(0.3, 1200)).toBeCloseTo(0.1, 6);
    expect(await errorOf(0.3, 400)).toBeCloseTo(0.1, 6);
    expect(await errorOf(0, 1200)).toBe(0);
  });

  it("is not small where there is nothing to compare", async () => {
    expect(await errorOf(0, 0)).toBe(Infinity);
    const inPlace = compile("one", [{ name: "y", value: square(leaf("x", f32(8), { arena: "z", offset: 0 })), storage: { arena: "z", offset: 0 } }]);
    const { runtime } = openFakeDevice({ msOf: () => 1, compileMs: 1 });
    expect(await errorBetween(inPlace, inPlace, await runtime.allocate(buffersOf([inPlace])), runtime)).toBe(Infinity);
  });
});
