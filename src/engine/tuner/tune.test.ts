/** The tuner over a device of numbers, whose clock only its kernels move. */
import { expect, it } from "vitest";
import { BASE_TARGET, compile } from "../compiler/compile";
import type { Program } from "../compiler/program";
import { type KernelChoices, familyOf } from "../graph/kernelFamily";
import { leaf } from "../graph/leaf";
import { f32 } from "../graph/value";
import { layerNorm } from "../ops/layerNorm";
import { matmul } from "../ops/matmul/matmul";
import { softmax } from "../ops/softmax";
import { openCpuRuntime } from "../runtime/cpu";
import { EngineError, type Runtime } from "../runtime/runtime";
import { type FakeDevice, openFakeDevice } from "../testing/fakeDevice";
import { collectClasses, workOf } from "./classes";
import { compileAlone } from "./compileAlone";
import type { Clock } from "./trial";
import { type TuneOptions, tune } from "./tune";

const fakeDevice = (msOf: (program: Program) => number, compileMs: number | ((code: string) => number)): FakeDevice => openFakeDevice({ msOf, compileMs });

const groupsOf = (program: Program): number => program.steps[0]!.dispatches[0]!.workgroups[0];
const codeOf = (program: Program): string => program.kernels[0]!.code;
const hasWorkgroupTree = (program: Program): boolean => codeOf(program).includes("workgroupBarrier");

const x = leaf("x", f32(256, 96));
const short = compile("short", [{ name: "y", value: layerNorm(x, leaf("g", f32(96)), leaf("b", f32(96))) }]);
const long = compile("long", [{ name: "y", value: softmax(leaf("z", f32(256, 512))) }]);
const workloads = [{ program: short, runs: 1 }, { program: long, runs: 1 }];
const classes = collectClasses(workloads);

async function tuneOn(fake: FakeDevice, more: Partial<TuneOptions> = {}): Promise<KernelChoices> {
  return (await tune({ runtime: fake.runtime, clock: fake.clock, workloads, ...more })).choices;
}

it("finds the works of the programs by class, the costliest first", () => {
  expect(classes.map(({ key }) => key)).toEqual(["rows long", "rows short"]);
  const product = compile("product", [{ name: "y", value: matmul(leaf("a", f32(128, 256)), leaf("b", f32(128, 256)), "NT") }]);
  const [first] = collectClasses([...workloads, { program: product, runs: 3 }]);
  expect(first!.key).toMatch(/^matmul NT/);
  expect(first!.cost).toBe(3 * (2 * 128 * 128 * 256 + 10 * 4 * (2 * 128 * 256 + 128 * 128)));
});

it("compiles a step alone to the very texts that it has in a program with that choice", () => {
  const product = matmul(x, leaf("w", f32(64, 96)), "NT");
  const y = softmax(layerNorm(product, leaf("g", f32(64)), leaf("b", f32(64))));
  const outputs = [{ name: "y", value: y }];
  const plain = compile("plain", outputs);
  for (const step of plain.steps) {
    const family = familyOf(step.op)!;
    for (const variant of family.variants(workOf(step), BASE_TARGET)) {
      const target = { ...BASE_TARGET, choices: { [family.name]: variant } };
      const texts = new Set(compile("whole", outputs, target).kernels.map(({ code }) => code));
      for (const { code } of compileAlone(step, target).kernels) expect(texts).toContain(code);
    }
  }
});

it("takes what is clearly faster", async () => {
  const fake = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 2), 10);
  expect(await tuneOn(fake)).toEqual({ "rows long": "32", "rows short": "32" });
});

it("leaves the first of the list where the gain is less than 3%", async () => {
  const same = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 1.02), 1);
  expect(await tuneOn(same)).toEqual({ "rows long": "1", "rows short": "1" });
  const better = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 1.05), 1);
  expect(await tuneOn(better)).toEqual({ "rows long": "32", "rows short": "32" });
});

it("keeps its time, also on a device on which every run takes long, and runs parts of it", async () => {
  for (const [ms, compileMs] of [[1, 5], [400, 50], [20, 900]] as const) {
    const whole = new Map(classes.map(({ step }) => [step.op, step.dispatches[0]!.workgroups[0]]));
    const fake = fakeDevice((program) => (ms * groupsOf(program)) / whole.get(program.name)!, compileMs);
    await tuneOn(fake, { budgetMs: 2000, parallel: 1 });
    expect(fake.spent()).toBeLessThan(2000 + compileMs);
  }
});

it("gives a class without time the choice of its neighbor, and of itself the first of the list", async () => {
  // Time for one class only: the other takes what won there.
  const fake = fakeDevice((program) => (hasWorkgroupTree(program) ? 3 : 9), 250);
  const measured: string[] = [];
  expect(await tuneOn(fake, { budgetMs: 900, onMeasured: (key) => measured.push(key) })).toEqual({ "rows long": "32", "rows short": "32" });
  expect(measured).toEqual(["rows long"]);
  expect(await tuneOn(fake, { budgetMs: 0 })).toEqual({ "rows long": "1", "rows short": "1" });
});

it("takes a longer name that begins with the whole of a class's own for the most alike", async () => {
  const productOf = (layout: "NT" | "NN", K: number) =>
    compile(`${layout} ${K}`, [{ name: "y", value: matmul(leaf("a", f32(128, K)), leaf("b", layout === "NT" ? f32(128, K) : f32(K, 128)), layout) }]);
  const products = [productOf("NT", 256), productOf("NT", 512), productOf("NN", 256)].map((program) => ({ program, runs: 1 }));
  const known = { "matmul NT medium deep": "registers-8x8", "matmul NN medium": "registers-4x4" };
  expect(await tuneOn(fakeDevice(() => 1, 1), { workloads: products, known, budgetMs: 0 })).toEqual({ ...known, "matmul NT medium": "registers-8x8" });
});

it("keeps what is known where it can be done, and tunes only the rest", async () => {
  const fake = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 3), 10);
  const progress: number[][] = [];
  const onProgress = (done: number, total: number): void => void progress.push([done, total]);
  expect(await tuneOn(fake, { known: { "rows long": "1", "rows short": "gone" }, onProgress })).toEqual({ "rows long": "1", "rows short": "32" });
  expect(progress).toEqual([[0, 1], [1, 1]]);
  const compiledOnce = fake.compiled.length;
  expect(await tuneOn(fake, { known: { "rows long": "1", "rows short": "32" }, onProgress })).toEqual({ "rows long": "1", "rows short": "32" });
  expect([progress.length, fake.compiled.length]).toEqual([2, compiledOnce]);
});

it("measures what was only guessed, and says what is settled", async () => {
  const fake = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 3), 10);
  const known = { "rows long": "1", "rows short": "1" };
  const tuned = await tune({ runtime: fake.runtime, clock: fake.clock, workloads, known, guessed: new Set(["rows short"]) });
  expect(tuned).toEqual({ choices: { "rows long": "1", "rows short": "32" }, settled: ["rows short"] });
  // Without a clear winner a guess stays.
  const same = fakeDevice(() => 1, 10);
  const kept = await tune({ runtime: same.runtime, clock: same.clock, workloads, known: { "rows long": "32", "rows short": "32" }, guessed: new Set(["rows long", "rows short"]) });
  expect(kept.choices).toEqual({ "rows long": "32", "rows short": "32" });
  expect(kept.settled.toSorted()).toEqual(["rows long", "rows short"]);
  const hurried = fakeDevice(() => 1, 250);
  expect((await tune({ runtime: hurried.runtime, clock: hurried.clock, workloads, budgetMs: 900 })).settled.length).toBe(1);
});

it("ends when it is called off, with what was measured by then", async () => {
  const fake = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 3), 10);
  const abort = new AbortController();
  const measured: string[] = [];
  const onMeasured = (key: string): void => {
    measured.push(key);
    abort.abort();
  };
  const { choices, settled } = await tune({ runtime: fake.runtime, clock: fake.clock, workloads, onMeasured, signal: abort.signal });
  expect(settled).toEqual(measured);
  expect(measured.length).toBe(1);
  expect(choices).toEqual({ "rows long": "32", "rows short": "32" });
});

it("on a busy machine asks for a clearer gain, and does not take the result for settled", async () => {
  const noisy = (least: number): FakeDevice => {
    let runs = 0;
    // No time comes twice; what is least of each is true.
    return fakeDevice((program) => (hasWorkgroupTree(program) ? least : 1) * (1 + 0.3 * (runs++ >> 1)), 1);
  };
  const tuneNoisy = (least: number): ReturnType<typeof tune> => {
    const { runtime, clock } = noisy(least);
    return tune({ runtime, clock, workloads: [workloads[0]!] });
  };
  expect(await tuneNoisy(0.9)).toEqual({ choices: { "rows short": "1" }, settled: [] });
  expect(await tuneNoisy(0.5)).toEqual({ choices: { "rows short": "32" }, settled: [] });
});

it("takes what compiles longer only where that pays back, and passes over what would take too long", async () => {
  // A tenth of a millisecond in each of 1000 updates is less than the half second that the kernel takes longer to compile.
  const slow = fakeDevice((program) => (hasWorkgroupTree(program) ? 0.4 : 0.5), (code) => (code.includes("workgroupBarrier") ? 510 : 10));
  expect(await tuneOn(slow, { workloads: [workloads[0]!], parallel: 1 })).toEqual({ "rows short": "1" });
  const quick = fakeDevice((program) => (hasWorkgroupTree(program) ? 0.4 : 0.5), (code) => (code.includes("workgroupBarrier") ? 20 : 10));
  expect(await tuneOn(quick, { workloads: [workloads[0]!], parallel: 1 })).toEqual({ "rows short": "32" });
  const compileOnce = fakeDevice((program) => (hasWorkgroupTree(program) ? 1 : 9), 100);
  expect(await tuneOn(compileOnce, { workloads: [workloads[0]!], parallel: 1, longestMs: 50 })).toEqual({ "rows short": "1" });
  expect(compileOnce.compiled.length).toBe(1);
});

it("does not run again what took several times as long as the best", async () => {
  const runs = { tree: 0 };
  const fake = fakeDevice((program) => {
    if (hasWorkgroupTree(program)) runs.tree += 1;
    return hasWorkgroupTree(program) ? 90 : 9;
  }, 1);
  expect(await tuneOn(fake, { workloads: [workloads[0]!] })).toEqual({ "rows short": "1" });
  // One that does not count, one that does.
  expect(runs.tree).toBe(2);
});

it("passes over what the device refuses or cannot hold, and not over its loss", async () => {
  const fake = fakeDevice(() => 1, 1);
  const failing = (kind: "kernel-refused" | "out-of-memory" | "device-lost"): Runtime => ({ ...fake.runtime, load: () => Promise.reject(new EngineError(kind, "no")) });
  const first = { "rows long": "1", "rows short": "1" };
  expect(await tuneOn({ ...fake, runtime: failing("kernel-refused") })).toEqual(first);
  expect(await tuneOn({ ...fake, runtime: { ...fake.runtime, allocate: () => Promise.reject(new EngineError("out-of-memory", "no")) } })).toEqual(first);
  await expect(tuneOn({ ...fake, runtime: failing("device-lost") })).rejects.toThrow("no");
});

it("ends in time when a compilation does not", async () => {
  const fake = fakeDevice(() => 1, 1);
  const begin = performance.now();
  const clock: Clock = { now: () => performance.now() - begin, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) };
  const stuck: Runtime = { ...fake.runtime, load: () => new Promise(() => {}) };
  expect(await tuneOn({ ...fake, runtime: stuck, clock }, { budgetMs: 60 })).toEqual({ "rows long": "1", "rows short": "1" });
});

it("has nothing to choose on the CPU", async () => {
  expect(await tune({ runtime: openCpuRuntime(), workloads })).toEqual({ choices: {}, settled: [] });
});
