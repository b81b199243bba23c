/** f16 is used by runs that asked for it, on devices that have it, by choices that were measured; by nothing else. */
import { expect, it } from "vitest";
import { BASE_TARGET } from "../engine/compiler/compile";
import type { Program } from "../engine/compiler/program";
import { openCpuRuntime } from "../engine/runtime/cpu";
import { openFakeDevice } from "../engine/testing/fakeDevice";
import { compilePrograms, planRun } from "./compileStep";
import { chooseKernels } from "./kernelChoices";
import { describePrecision, runtimeFor } from "./precision";
import { tinySettings } from "./testing/tinyRun";

const HALF = { ...BASE_TARGET, f16: true };
const isHalf = ({ kernels }: Program): boolean => kernels.some(({ code }) => code.includes("enable f16"));
/** Large enough for products of more than a few rows. */
const settingsOf = (precision: string) => tinySettings({ precision, width: 64, contextLength: 64, batchSize: 4 });
const planOf = (precision: string) => planRun(settingsOf(precision), 65, HALF);

/** A device on which f16 takes half the time. */
const openFast = (target = HALF) => openFakeDevice({ msOf: (program) => (isHalf(program) ? 1 : 2), compileMs: 1, target });

it("tunes f16 into the forward pass of a run that asked for it, and into no other", async () => {
  const { runtime, clock } = openFast();
  const choose = async (precision: string, device = runtime) => (await chooseKernels({ plan: planOf(precision), runtime: device, clock })).choices;
  const halves = (choices: Readonly<Record<string, string>>): string[] => Object.entries(choices).flatMap(([key, id]) => (id.endsWith("/f16") ? [key] : []));
  const [fast, exact] = [await choose("fast"), await choose("f32")];
  expect(halves(fast).length).toBeGreaterThan(0);
  expect(halves(fast).filter((key) => !key.startsWith("matmul NT"))).toEqual([]);
  expect(halves(exact)).toEqual([]);
  expect(halves(await choose("fast", openFast(BASE_TARGET).runtime))).toEqual([]);

  const programsOf = (precision: string, choices: Readonly<Record<string, string>>) => compilePrograms(planOf(precision), { ...HALF, choices });
  expect(isHalf(programsOf("fast", fast).gradients)).toBe(true);
  expect(isHalf(programsOf("fast", {}).gradients)).toBe(false);
  // Not even where choices of another run name it.
  expect(isHalf(programsOf("f32", fast).gradients)).toBe(false);
});

it("keeps a saved run's own choices, and says where a device cannot", async () => {
  const { runtime, clock } = openFast();
  const { choices } = await chooseKernels({ plan: planOf("fast"), runtime, clock });
  expect(await chooseKernels({ plan: planOf("fast"), runtime, clock, own: choices })).toMatchObject({ choices, isKept: true });
  expect((await chooseKernels({ plan: planOf("fast"), runtime: openFast(BASE_TARGET).runtime, clock, own: choices })).isKept).toBe(false);
});

it("is another runtime to whoever keeps what was tuned, and the same one each time", () => {
  const { runtime } = openFast();
  const exact = runtimeFor(settingsOf("f32"), runtime);
  expect(exact.target.f16).toBe(false);
  expect(runtimeFor(settingsOf("f32"), runtime)).toBe(exact);
  expect(runtimeFor(settingsOf("f32"), exact)).toBe(exact);
  expect(runtimeFor(settingsOf("fast"), runtime)).toBe(runtime);
});

it("tells who asked for it that the device has none", () => {
  expect(describePrecision(settingsOf("fast"), openFast().runtime)).toBeUndefined();
  expect(describePrecision(settingsOf("f32"), openCpuRuntime())).toBeUndefined();
  expect(describePrecision(settingsOf("fast"), openFast(BASE_TARGET).runtime)).toMatch(/^Precision is set to Fast, but this GPU.*shader-f16.*f32/);
  expect(describePrecision(settingsOf("fast"), openCpuRuntime())).toMatch(/but the CPU computes in f32 only/);
});
